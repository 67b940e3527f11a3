// What a client may say to the gateway itself: every kind of message it listens to, right, nearly right and wrong.
import type { Random } from '../support/random.js';

const GATEWAY = 'iot/greenhouse';
const DEVICES = ['tank-1', 'tank-2', 'climate-1', 'lamp-1', 'nobody', 'Ünknown', ''];
const COMMANDS = ['on', 'dim', 'pump', 'speed', '', 'x'.repeat(300)];
const REQUESTS = ['history', 'logbook', 'info', 'scan', 'trace', 'read', 'pause', 'resume', 'backup', ''];
const VALUES = [
  '1',
  '-1',
  '1e400',
  '0.5',
  'true',
  'null',
  '"x"',
  '[]',
  '{}',
  'nan',
  '9007199254740993',
  '\u0000',
];
const KEYS = [
  'id',
  'device',
  'last',
  'from',
  'to',
  'args',
  'on',
  'value',
  'values',
  'ts',
  'boot',
  'seq',
  'after',
];
const TEXTS = [
  '"10m"',
  '"9999999d"',
  '"2026-02-30"',
  '"tank-1"',
  '1795000000',
  '1795000000000',
  '-5',
  '{"level":3}',
];

export function wordToGateway(chance: Random): { readonly topic: string; readonly text: string } {
  const device = chance.of(DEVICES);
  const topic = chance.of([
    `${GATEWAY}/device/${device}/command/${chance.of(COMMANDS)}`,
    `${GATEWAY}/request/${chance.of(REQUESTS)}`,
    `${GATEWAY}/device/${device}/telemetry`,
    `${GATEWAY}/device/${device}/state`,
    `${GATEWAY}/event`,
    `${GATEWAY}/device/${device}/set`,
  ]);
  return { topic, text: wordOf(chance) };
}

function wordOf(chance: Random): string {
  const members = Array.from(
    { length: chance.int(5) },
    () => `${JSON.stringify(chance.of(KEYS))}:${chance.of(chance.int(2) === 0 ? VALUES : TEXTS)}`,
  );
  const text = `{${members.join()}}`;
  return chance.int(8) === 0 ? text.slice(0, chance.int(text.length + 1)) : text;
}
