// What every part of the page works with: who looks at what, and in which language.
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { Topics } from '../../../../shared/topics.js';
import type { PageFacts, PageRequest } from '../../facts.js';
import type { Api } from '../ask/api.js';
import type { Turns } from '../ask/turns.js';
import type { CommandDesk } from '../live/command-desk.js';
import type { Device } from '../live/model.js';
import type { Site } from '../live/site.js';
import type { Preferences } from '../settings/preferences.js';
import type { Speech } from '../words/speech.js';

export interface Session {
  readonly site: Site;
  readonly desk: CommandDesk;
  readonly api: Api;
  readonly turns: Turns;
  readonly facts: PageFacts;
  readonly webSocketUrl: string;
  readonly refused: ReadonlySet<string>;
  readonly preferences: Preferences;
  /** Who one is, where that is known. */
  readonly user?: string;
  /** Absent where nobody is logged in. */
  readonly logOut?: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);
export const SpeechContext = createContext<Speech | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('outside of a session');
  return session;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === undefined) throw new Error('outside of a language');
  return speech;
}

/** Draws this part anew when something of the channel has changed. */
export function useChannel(channel: string): void {
  const { site } = useSession();
  const [, setCount] = useState(0);
  useEffect(() => {
    // What has changed between the drawing and now is drawn as well.
    const again = (): void => {
      setCount((count) => count + 1);
    };
    again();
    return site.watchers.watch(channel, again);
  }, [site, channel]);
}

export function mayRequest({ facts }: Session, op: PageRequest): boolean {
  return facts.requests?.includes(op) ?? true;
}

export function mayCommand({ site, refused }: Session, { gateway, id }: Device, name: string): boolean {
  return !refused.has(new Topics(site.base, gateway).command(id, name));
}

/** Of the machine's clock against that of the device's gateway. */
export function skewOf({ site }: Session, gateway: string): number {
  return site.gateways.get(gateway)?.skewMs ?? 0;
}
