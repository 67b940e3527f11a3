// The words behind a command as the arguments that its device's meta tells: by name (level=128), or in their order.
import type { DeviceMeta } from '../../../bridge/polling/meta.js';
import { meantOrListed } from '../../../bridge/requests/unknown-device.js';
import { GatewayError } from '../../../shared/errors.js';
import { meantNumber } from '../../../shared/words/meant.js';
import { shown } from '../../../shared/words/shown.js';

export type CommandMeta = DeviceMeta['commands'][string];
type ArgumentMeta = CommandMeta['args'][string];

const NAMED = /^([A-Za-z0-9_-]+)=(.*)$/s;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^0x[0-9a-f]+$/i;
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...(['true', 'on', 'yes', '1'] as const).map((word) => [word, true] as const),
  ...(['false', 'off', 'no', '0'] as const).map((word) => [word, false] as const),
]);

/** What is not given is left to the gateway, which knows the defaults. Throws bad_argument or unknown_argument. */
export function typedArguments(
  command: string,
  { args }: Pick<CommandMeta, 'args'>,
  words: readonly string[],
): Readonly<Record<string, number | boolean | string>> {
  const given = new Map<string, string>();
  const bare: string[] = [];
  for (const word of words) {
    const [, name, value = ''] = NAMED.exec(word) ?? [];
    if (name === undefined) bare.push(word);
    else if (args[name] === undefined) throw unknown(command, name, Object.keys(args));
    else if (given.has(name)) throw new GatewayError('bad_argument', `${name} is given twice.`);
    else given.set(name, value);
  }
  const free = Object.keys(args).filter((name) => !given.has(name));
  if (bare.length > free.length) throw tooMany(command, args);
  for (const [index, word] of bare.entries()) given.set(free[index] ?? '', word);
  return Object.fromEntries([...given].map(([name, word]) => [name, valueOf(name, word, args[name])]));
}

function valueOf(name: string, word: string, meta: ArgumentMeta | undefined): number | boolean | string {
  if (meta?.type === 'number') {
    if (NUMBER.test(word)) return Number(word);
    const number = meantNumber(word);
    const meant = number === undefined ? ',' : `: write ${number},`;
    throw new GatewayError('bad_argument', `${name} is a number${meant} not ${shown(word)}.`);
  }
  if (meta?.type === 'boolean') {
    const value = WORDS.get(word.toLowerCase());
    if (value !== undefined) return value;
    throw new GatewayError('bad_argument', `${name} is on or off, true or false, not ${shown(word)}.`);
  }
  return word;
}

function unknown(command: string, name: string, names: readonly string[]): GatewayError {
  return new GatewayError(
    'unknown_argument',
    `${command} takes no argument ${name.slice(0, 64)}. ${meantOrListed(name, names)}`,
  );
}

function tooMany(command: string, args: CommandMeta['args']): GatewayError {
  const names = Object.keys(args);
  const what = names.length === 0 ? 'no arguments' : `no more than ${names.join(', ')}`;
  return new GatewayError('bad_argument', `${command} takes ${what}.`);
}
