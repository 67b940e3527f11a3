// Every chip of the library by its own description, against what the drivers of its makers say to it and make of its
// answers: the same writes, pauses at least as long, the same values; and null with an error where there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { chipLibrary } from '../../../gateway/config/library.js';
import { checkArguments } from '../../../shared/check-arguments.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';
import { acts, hexOf, spokenWithChips, SpokenTarget, type Spoken, type Word } from './spoken.js';

/** What a description rounds, beside which a value is the same to five digits. */
const ROUNDED = 0.0051;
const RELATIVE = 2e-5;

/** Where a description sets a chip up otherwise than its driver, and why. */
const SET_UP_DIFFERS: ReadonlyMap<string, string> = new Map([
  ['scd4x', 'a chip that still measures is stopped first: it takes nothing else'],
  ['dps310', 'its driver writes registers 7 and 9 bit by bit'],
  ['pca9685', 'its driver lets registers follow each other only once a prescale is set'],
]);

interface Heard {
  readonly words: Word[];
}

class Chip {
  readonly clock = new FakeClock();
  readonly client: DeviceClient;
  #heard: Heard = { words: [] };
  #lastMs = 0;

  constructor(spoken: Spoken) {
    const target = new SpokenTarget(spoken);
    const bus = new ScriptedBus(this.clock, (transaction) => {
      this.#note(transaction);
      return { bytes: target.answer(transaction) };
    });
    const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: { use: ${spoken.chip} } }
devices: { it: { type: chip, bus: main, address: ${String(spoken.address)} } }
`;
    const device = parseConfig(yaml, 'test.yaml').devices.get('it');
    assert.ok(device);
    this.client = new DeviceClient(device, new BusQueue({ bus, clock: this.clock, limit: 16 }), this.clock);
  }

  /** What was said meanwhile. */
  async hears<T>(work: Promise<T>): Promise<{ readonly words: readonly Word[]; readonly result: T }> {
    this.#heard = { words: [] };
    const { words } = this.#heard;
    const ended = work.then((result) => {
      words.push({ kind: 'wait', ms: this.clock.monotonicMs() - this.#lastMs });
      return result;
    });
    const [result] = await Promise.all([ended, this.clock.advance(30_000)]);
    return { words, result };
  }

  #note({ write, readLength = 0 }: I2cTransaction): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs > this.#lastMs) this.#heard.words.push({ kind: 'wait', ms: nowMs - this.#lastMs });
    this.#lastMs = nowMs;
    if (write !== undefined) this.#heard.words.push({ kind: 'write', hex: hexOf(write) });
    if (readLength > 0) this.#heard.words.push({ kind: 'read', hex: String(readLength) });
  }
}

function show(words: readonly Word[]): string {
  const sized = (word: Word): string => {
    if (word.kind === 'wait') return '';
    if (word.kind === 'write') return `${word.hex} `;
    return `r${word.hex.length > 2 || /[A-F]/.test(word.hex) ? String(word.hex.length / 2) : word.hex} `;
  };
  return words.map(sized).join('').trim();
}

/** As `show`, of what was written down: there a read has its bytes. */
function showSaid(words: readonly Word[]): string {
  return show(
    words.map((word) => (word.kind === 'read' ? { kind: 'read', hex: String(word.hex.length / 2) } : word)),
  );
}

/** The pauses behind each write, in its order. */
function pauses(words: readonly Word[]): Map<string, number> {
  const after = new Map<string, number>();
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (word.kind === 'write' && next?.kind === 'wait')
      after.set(word.hex, Math.max(after.get(word.hex) ?? 0, next.ms));
  }
  return after;
}

function waitsLongEnough(heard: readonly Word[], said: readonly Word[]): void {
  const waited = pauses(heard);
  for (const [write, ms] of pauses(said))
    assert.ok(
      (waited.get(write) ?? 0) >= ms,
      `behind ${write} ${String(waited.get(write) ?? 0)} of ${String(ms)} ms`,
    );
}

function isSame(seen: unknown, wanted: string): boolean {
  if (wanted === '-') return seen === null;
  if (typeof seen !== 'number') return String(seen) === wanted;
  const number = Number(wanted);
  return Math.abs(seen - number) <= ROUNDED + RELATIVE * Math.abs(number);
}

for (const spoken of spokenWithChips()) {
  test(`${spoken.chip}, line ${String(spoken.line)}: set up, asked and understood as by its driver`, async () => {
    const chip = new Chip(spoken);
    const { client } = chip;
    const { type } = client.device;
    await chip.hears(client.identify());
    await chip.hears(client.learn());
    const setUp = await chip.hears(
      (async () => {
        for (const { spec, args } of type.onConnect)
          await client.command(spec, args, { deadlineMs: 60_000, refuse: () => undefined });
      })(),
    );
    if (!SET_UP_DIFFERS.has(spoken.chip) && spoken.set.length > 0) {
      assert.deepEqual(acts(setUp.words), acts(spoken.set), 'set up');
      waitsLongEnough(setUp.words, spoken.set);
    }
    const done = await chip.hears(
      (async () => {
        for (const [name = '', ...values] of spoken.does) {
          const spec = type.commands.get(name);
          assert.ok(spec, name);
          const given = new Map(spec.args.map(({ id }, index) => [id, Number(values[index])]));
          await client.command(spec, checkArguments(spec, given), {
            deadlineMs: 60_000,
            refuse: () => undefined,
          });
        }
      })(),
    );
    const [sample] = type.samples;
    assert.ok(sample);
    const { words, result } = await chip.hears(client.read(sample));
    const all = [...done.words, ...words];
    if (spoken.isExact) assert.equal(show(all), showSaid(spoken.says));
    else {
      const may = new Set([...acts(spoken.says), ...acts(spoken.set)]);
      const did = acts(all);
      assert.deepEqual(
        did.filter((act) => !may.has(act)),
        [],
        'written',
      );
      assert.deepEqual(
        acts(spoken.says).filter((act) => !did.includes(act)),
        [],
        'not written',
      );
    }
    waitsLongEnough(all, spoken.says);
    const wrong = [...spoken.gets].filter(([id, wanted]) => !isSame(result.values[id], wanted));
    assert.deepEqual(
      wrong.map(([id, wanted]) => `${id} is ${String(result.values[id])}, not ${wanted}`),
      [],
    );
    for (const [id, wanted] of spoken.gets) assert.equal(result.errors[id] !== undefined, wanted === '-', id);
  });
}

test('every chip of the library was heard, or is of a chip that was', () => {
  const heard = new Set(spokenWithChips().map(({ chip }) => chip));
  assert.deepEqual(
    chipLibrary.names.filter((name) => !heard.has(name)),
    [],
  );
});
