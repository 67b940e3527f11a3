// Roles to begin with: what they may do as lines of Mosquitto's acl_file, to be changed there at will.
import { ID_PATTERN, type Topics } from '../../../shared/topics.js';

export const ROLES = ['viewer', 'operator', 'recorder', 'device', 'gateway', 'home-assistant'] as const;
export type Role = (typeof ROLES)[number];

/** Of the gateway's own topics for Home Assistant; the prefix is there where it is told of the devices. */
export interface Discovery {
  readonly gateway: string;
  readonly prefix?: string;
}

/** The user's lines for a gateway's topics, `user` line and all. */
export function linesOf(role: Role, user: string, topics: Topics, discovery?: Discovery): string[] {
  return [`user ${user}`, ...rulesOf(role, user, topics, discovery)];
}

function rulesOf(role: Role, user: string, topics: Topics, discovery?: Discovery): string[] {
  const everything = `${topics.root}/#`;
  switch (role) {
    case 'viewer':
      return [`topic read ${everything}`];
    case 'operator':
      return [
        `topic read ${everything}`,
        `topic write ${topics.everyCommand}`,
        `topic write ${topics.everyRequest}`,
        'topic read $SYS/#',
      ];
    case 'recorder':
      return [
        ...[topics.everyTelemetry, topics.event, topics.meta('+')].map((topic) => `topic read ${topic}`),
        ...ownTopics(user, topics),
      ];
    case 'device':
      return [`topic write ${topics.telemetry(user)}`];
    // For an outside broker: the gateway itself is a client there.
    case 'gateway':
      return [`topic readwrite ${everything}`, ...tellingHome(discovery)];
    // Its birth and its will; and what its user deletes there is cleared by itself.
    case 'home-assistant':
      return [
        `topic read ${everything}`,
        `topic write ${topics.everyCommand}`,
        `topic readwrite ${discovery?.prefix ?? 'homeassistant'}/#`,
      ];
  }
}

function tellingHome({ gateway, prefix }: Partial<Discovery> = {}): string[] {
  if (gateway === undefined || prefix === undefined) return [];
  return [`topic readwrite ${prefix}/device/${gateway}/#`, `topic read ${prefix}/status`];
}

/** Of a recorder alone, whose `recorder.name` is its user's name. A gateway's own are not for it. */
function ownTopics(user: string, { base, root }: Topics): string[] {
  const own = `${base}/${user}`;
  return ID_PATTERN.test(user) && own !== root ? [`topic readwrite ${own}/#`] : [];
}

/** An ACL file's text with the user's own lines replaced, added, or (without lines) taken out; patterns stay. */
export function withUser(text: string, user: string, lines: readonly string[]): string {
  const kept: string[] = [];
  let isTheirs = false;
  for (const line of text.split('\n')) {
    const [, name] = /^ *user +(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) isTheirs = name === user;
    const goes = isTheirs && (name !== undefined || /^ *topic /.test(line));
    if (!goes) kept.push(line);
  }
  while (kept.at(-1)?.trim() === '') kept.pop();
  if (lines.length > 0) kept.push(...(kept.length > 0 ? [''] : []), ...lines);
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

/** Whether there are lines of the user's own. */
export function namesUser(text: string, user: string): boolean {
  return text.split('\n').some((line) => /^ *user +(.*?)\s*$/.exec(line)?.[1] === user);
}
