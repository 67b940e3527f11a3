// Roles to begin with: what they may do as lines of Mosquitto's acl_file, to be changed there at will.
import { ID_PATTERN, type Topics } from '../../../shared/topics.js';

export const ROLES = ['viewer', 'operator', 'recorder', 'device', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

/** The user's lines for a gateway's topics, `user` line and all. */
export function linesOf(role: Role, user: string, topics: Topics): string[] {
  return [`user ${user}`, ...rulesOf(role, user, topics)];
}

function rulesOf(role: Role, user: string, topics: Topics): string[] {
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
      return [`topic readwrite ${everything}`];
  }
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
