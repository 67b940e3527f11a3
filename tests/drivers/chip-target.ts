// A chip on the simulated bus for drivers that we did not write: what --simulate makes of its description, with given raw
// numbers in its fields; and as registers what a driver asks otherwise than the description, or asks besides.
import { DescribedTarget } from '../../gateway/i2c/simulated/described-target.js';
import type { Direction, SimulatedTarget } from '../../gateway/i2c/simulated/target.js';
import type { BodySpec, DeviceType, FieldSpec, QuestionSpec, SampleSpec } from '../../shared/device-type.js';
import type { Clock } from '../../shared/ports.js';
import type { RawNumbers } from './raw-numbers.js';

const NOTHING = 0xff;

export interface ChipTargetOptions {
  readonly type: DeviceType;
  readonly raws: RawNumbers;
  /** Register → bytes, both in hex, of registers that only a driver asks for. */
  readonly registers: ReadonlyMap<string, string>;
  /** Of those the ones that stay as they are, be they written or not: their bits go back by themselves. */
  readonly steady?: readonly string[];
  /** Writes that it does not acknowledge, in hex. */
  readonly refused?: readonly string[];
  readonly clock: Clock;
}

export class ChipTarget implements SimulatedTarget {
  readonly #described: DescribedTarget;
  /** Write → how many bytes are read then, by the description. */
  readonly #asked: ReadonlyMap<string, number>;
  #left = 0;
  readonly #memory: RegisterMemory;
  readonly #refused: ReadonlySet<string>;
  #incoming: number[] = [];
  #pointer: readonly number[] = [];
  #reply: (() => number) | undefined;

  constructor({ type, raws, registers, steady = [], refused = [], clock }: ChipTargetOptions) {
    const make = (): DescribedTarget => new DescribedTarget({ type: withRaws(type, raws), phase: 0, clock });
    this.#described = make();
    const questions = questionsOf(type).filter(({ write }) => write.length > 0);
    const measured = new Set(
      questions.flatMap(({ write, fields }) => (fields.length > 0 ? [hexOf(write)] : [])),
    );
    const isGiven = (write: string): boolean => registers.has(write.toUpperCase()) && !measured.has(write);
    const asked = questions.map(({ write, readLength }) => [hexOf(write), readLength] as const);
    this.#asked = new Map(asked.filter(([write]) => !isGiven(write)));
    this.#memory = new RegisterMemory();
    for (const [register, bytes] of registers)
      this.#memory.put(Buffer.from(register, 'hex'), Buffer.from(bytes, 'hex'));
    for (const { write, readLength } of questions)
      if (this.#asked.has(hexOf(write))) this.#memory.put(write, readFrom(make(), write, readLength));
    this.#memory.fix([...measured, ...steady]);
    this.#refused = new Set(refused);
  }

  start(address: number, direction: Direction): boolean {
    this.#endWrite();
    if (direction === 'write') return this.#described.start(address, 'write');
    const register = this.#memory.named(this.#pointer);
    this.#left =
      this.#asked.get(hexOf(this.#pointer)) ?? (register === undefined ? Number.POSITIVE_INFINITY : 0);
    this.#reply = register === undefined ? undefined : this.#memory.reader(register);
    return this.#left === 0 ? true : this.#described.start(address, 'read');
  }

  receive(byte: number): boolean {
    this.#incoming.push(byte);
    return this.#described.receive(byte) && !this.#refused.has(hexOf(this.#incoming).toUpperCase());
  }

  send(): number {
    const remembered = this.#reply?.() ?? NOTHING;
    this.#left -= 1;
    return this.#left < 0 ? remembered : this.#described.send();
  }

  stop(): void {
    this.#endWrite();
    this.#reply = undefined;
    this.#described.stop();
  }

  holdsClock(): boolean {
    return false;
  }

  #endWrite(): void {
    if (this.#incoming.length === 0) return;
    this.#pointer = this.#incoming.splice(0);
    this.#memory.written(this.#pointer);
  }
}

/**
 * Each register has its own bytes, be it one or several; behind them it goes on with the next one, as registers of one byte
 * lie. How many bytes name one tells their number.
 */
class RegisterMemory {
  readonly #own = new Map<string, number[]>();
  readonly #bytes = new Map<string, number>();
  #fixed: ReadonlySet<string> = new Set();
  #known: ReadonlySet<string> = new Set();

  put(register: Iterable<number>, bytes: Iterable<number>): void {
    const name = [...register];
    const own = [...bytes];
    for (const [offset, byte] of own.entries()) {
      const key = keyOf(name, offset);
      this.#bytes.set(key, byte);
      if (this.#own.get(key)?.length === 1) this.#own.delete(key);
    }
    this.#own.set(keyOf(name, 0), own);
  }

  /** What is written to these is not kept. In hex. */
  fix(registers: readonly string[]): void {
    this.#fixed = new Set(registers.map((register) => keyOf([...Buffer.from(register, 'hex')], 0)));
    this.#known = new Set(this.#bytes.keys());
  }

  /** The register that these bytes name: all of them, or the first, where a driver writes more than it need. */
  named(bytes: readonly number[]): readonly number[] | undefined {
    if (this.#bytes.has(keyOf(bytes, 0))) return bytes;
    const first = bytes.slice(0, 1);
    return this.#known.has(keyOf(first, 0)) ? first : undefined;
  }

  written([register = 0, ...bytes]: readonly number[]): void {
    if (bytes.length > 0 && !this.#fixed.has(keyOf([register], 0))) this.put([register], bytes);
  }

  reader(register: readonly number[]): () => number {
    const own = this.#own.get(keyOf(register, 0)) ?? [];
    let offset = 0;
    return () => {
      const at = offset++;
      return own[at] ?? this.#bytes.get(keyOf(register, at)) ?? NOTHING;
    };
  }
}

function keyOf(register: readonly number[], offset: number): string {
  const number = register.reduce((sum, byte) => sum * 256 + byte, 0);
  return `${String(register.length)}:${String(number + offset)}`;
}

/** A field with one name has its number always: the simulation lets no name drift. */
export function withRaws(type: DeviceType, raws: RawNumbers): DeviceType {
  const fixed = (field: FieldSpec): FieldSpec => {
    const raw = raws.get(field.id);
    if (raw === undefined) return field;
    const { example, ...rest } = field;
    if (field.type === 'bit' || field.type === 'bool') return { ...rest, example: raw };
    return { ...rest, names: new Map([[raw, String(example)]]) };
  };
  const sampled = (sample: SampleSpec): SampleSpec => {
    const { conversation, fields } = sample;
    if (conversation === undefined) return { ...sample, fields: fields.map(fixed) };
    const steps = conversation.steps.map((step) => ({ ...step, fields: step.fields.map(fixed) }));
    return { ...sample, conversation: { ...conversation, steps } };
  };
  return { ...type, samples: type.samples.map(sampled) };
}

type Asked = QuestionSpec & BodySpec;

function questionsOf({ samples, constants, identify, commands, onConnect }: DeviceType): Asked[] {
  const written = [...commands.values(), ...onConnect.map(({ spec }) => spec)];
  const conversations = [
    ...samples.map((sample) => sample.conversation?.steps ?? [sample]),
    ...constants.map(({ steps }) => steps),
    ...(identify === undefined ? [] : [[...(identify.before ?? []), { ...identify, fields: [] }]]),
    ...written.map(({ steps = [] }) => steps.map(({ step }) => step)),
  ];
  return conversations.flatMap((steps) => withTheirWrites(steps)).filter(({ readLength }) => readLength > 0);
}

/** A read without a write is of what was written before it. */
function withTheirWrites(steps: readonly Asked[]): readonly Asked[] {
  let last: Uint8Array = new Uint8Array();
  return steps.map((step) => {
    if (step.write.length > 0) last = step.write;
    return { ...step, write: last };
  });
}

function readFrom(target: SimulatedTarget, write: Uint8Array, length: number): readonly number[] {
  target.start(0, 'write');
  for (const byte of write) target.receive(byte);
  target.stop();
  target.start(0, 'read');
  const bytes = Array.from({ length }, (_, index) => target.send(index < length - 1));
  target.stop();
  return bytes;
}

function hexOf(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString('hex');
}
