// From the gateway's facts to a page that is connected: store, connection, commands and questions, wired once.
import type { Api } from '../ask/api.js';
import type { Login } from '../ask/login.js';
import { Turns } from '../ask/turns.js';
import { CommandDesk } from '../live/command-desk.js';
import { Connection } from '../live/connection.js';
import { Site } from '../live/site.js';
import { apart, everySecond } from '../live/ticks.js';
import { Watchers } from '../live/watchers.js';
import type { Session } from '../pieces/session.js';
import type { Preferences } from '../settings/preferences.js';
import type { PageFacts } from '../../facts.js';

/** Small lines that are asked for at once. */
const MOST_QUESTIONS = 2;

/** Between two drawings: sooner nobody reads a value. */
const APART_MS = 250;

export interface Opening {
  readonly facts: PageFacts;
  readonly api: Api;
  readonly login: Login | undefined;
  readonly preferences: Preferences;
  /** The broker wants another name or password. */
  readonly onRefused: () => void;
  readonly logOut: () => void;
}

export interface OpenSession {
  readonly session: Session;
  readonly end: () => void;
}

export function openSession({ facts, api, login, preferences, onRefused, logOut }: Opening): OpenSession {
  const own = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
  const webSocketUrl = facts.webSocketUrl ?? own;
  const site = new Site(
    facts.base,
    new Watchers(
      apart(APART_MS, (flush) => {
        requestAnimationFrame(flush);
      }),
    ),
  );
  const connection = new Connection(site, {
    ...{ url: webSocketUrl, gateway: facts.gateway, onRefused },
    ...(login === undefined ? {} : { login }),
  });
  const desk = new CommandDesk(site, ({ gateway, device, name }, text) =>
    connection.command(gateway, device, name, text),
  );
  const stop = everySecond(() => {
    site.tick();
  });
  // At a broker of somebody else's the gateway does not know.
  const user = facts.user ?? login?.user;
  const session: Session = {
    ...{ site, desk, api, facts, webSocketUrl, preferences, turns: new Turns(MOST_QUESTIONS) },
    refused: new Set(facts.refusedCommands),
    ...(user === undefined ? {} : { user }),
    ...(login === undefined ? {} : { logOut }),
  };
  return {
    session,
    end: () => {
      stop();
      connection.end();
    },
  };
}
