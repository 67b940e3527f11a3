// Says where a message went that nobody takes: below the gateway's own topics, and none that is for it. MQTT 3.1.1 has no
// way to tell its sender, who has an acknowledgement; so a line of the log does, with the topic that was probably meant.
import type { LogFields } from '../../../shared/ports.js';
import type { Topics } from '../../../shared/topics.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';

const COMMANDS = /^(set|cmds?|commands?|control|write|action|do)$/i;
const READINGS = /^(tele|telemetry|data|sample|samples|sensor|sensors|state|value|values|reading|readings)$/i;
const REQUESTS = /^(requests?|ask|query|get)$/i;

export class Misaddressed {
  readonly #topics: Topics;
  readonly #lines: RepeatedLines;

  constructor(topics: Topics, lines: RepeatedLines) {
    this.#topics = topics;
    this.#lines = lines;
  }

  /** `facts` tell who: a sender that is wrong is wrong each time, about many topics maybe. */
  note(topic: string, facts: LogFields): void {
    const meant = nearestTopic(topic, this.#topics);
    this.#lines.say(
      'warn',
      `${String(facts['address'])} ${String(facts['user'])}`,
      facts,
      `dropped a message: nobody but the gateway publishes on ${topic.slice(0, 200)}. Meant was probably ${meant}`,
      'misaddressed',
    );
  }
}

/** The topic a client may publish on that is most like this one. */
export function nearestTopic(topic: string, topics: Topics): string {
  const [first = '', ...rest] = topic.slice(topics.root.length + 1).split('/');
  if (REQUESTS.test(first)) return topics.request(named(rest[0]) ?? '<op>');
  // Either device/<d>/…, or <d>/… where that was forgotten.
  const [device, verb = '', name] = /^devices?$/i.test(first) ? rest : [first, ...rest];
  const known = named(device) ?? '<device>';
  if (READINGS.test(verb)) return topics.telemetry(known);
  const command = COMMANDS.test(verb) ? named(name) : undefined;
  return topics.command(known, command ?? '<name>');
}

function named(level: string | undefined): string | undefined {
  return level === undefined || level === '' ? undefined : level.slice(0, 64);
}
