// The logbook as a list that goes on: what the gateway has kept, page by page, and what has happened since.
import { useEffect, useState } from 'preact/hooks';
import { afterMs } from '../live/ticks.js';
import { goneOn, renewed, type KeptLines } from './kept-lines.js';
import { joined, lineOfEntry, lineOfHappening, type Line } from './line.js';
import { mayRequest, useChannel, useSession, useSpeech } from './session.js';

const PAGE = 200;
/** So that what has just been answered is on disk. */
const SETTLE_MS = 300;

export interface Logbook {
  /** Newest first. */
  readonly lines: readonly Line[];
  readonly fault: string | undefined;
  readonly isAsking: boolean;
  /** There where there are older ones. */
  readonly older?: () => void;
}

/** `device` and `gateway` for that one alone; `sinceMs` how far back, to be widened by the caller. */
export function useLogbook(
  sinceMs: number,
  device?: { readonly id: string; readonly gateway: string },
): Logbook {
  const session = useSession();
  const { site, api } = session;
  const { reason } = useSpeech();
  useChannel('happened');
  // What came while the connection was away is only in the logbook.
  useChannel('connection');
  const [kept, setKept] = useState<KeptLines>({ lines: [], sinceMs });
  const [fault, setFault] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const isOurs = device === undefined || device.gateway === session.facts.gateway;
  const isAllowed = mayRequest(session, 'logbook') && isOurs;
  const { lives } = site;
  const { round } = site.happened;
  const ask = (before: KeptLines | undefined, signal: AbortSignal, isOver = (): boolean => false): void => {
    setIsAsking(true);
    const query = {
      ...{ last: `${String(Math.round(sinceMs / 1000))}s`, limit: PAGE },
      ...(device === undefined ? {} : { device: device.id }),
      ...(before?.next === undefined ? {} : { before: before.next }),
    };
    api.logbook(query, signal).then(
      ({ entries, next }) => {
        if (isOver()) return;
        const fresh = { lines: entries.map(lineOfEntry).reverse(), next, sinceMs };
        setKept((known) => (before === undefined ? renewed(known, fresh) : goneOn(known, before, fresh)));
        setFault(undefined);
        setIsAsking(false);
      },
      (error: unknown) => {
        if (isOver()) return;
        setFault(error instanceof Error ? error.message : String(error));
        setIsAsking(false);
      },
    );
  };
  useEffect(() => {
    if (!isAllowed) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = afterMs(SETTLE_MS, () => {
      ask(undefined, signal, () => signal.aborted);
    });
    return () => {
      waiting();
      controller.abort();
    };
  }, [device?.id, device?.gateway, sinceMs, isAllowed, lives, round]);
  const live = site.happened.list
    .map(lineOfHappening)
    .filter((line) => device === undefined || (line.device === device.id && line.gateway === device.gateway));
  const older = (): void => {
    ask(kept, AbortSignal.timeout(30_000));
  };
  return {
    lines: joined(live, kept.lines),
    ...{ fault: isOurs && !isAllowed ? reason('forbidden') : fault, isAsking },
    ...(kept.next === undefined ? {} : { older }),
  };
}
