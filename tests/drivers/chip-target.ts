// A chip on the simulated bus for drivers that we did not write: what --simulate makes of its description, with given raw
// numbers in its fields; and as registers what a driver asks otherwise than the description, or asks besides.
import { DescribedTarget } from '../../gateway/i2c/simulated/described-target.js';
import type { Direction, SimulatedTarget } from '../../gateway/i2c/simulated/target.js';
import type { BodySpec, DeviceType, FieldSpec, QuestionSpec, SampleSpec } from '../../shared/device-type.js';
import type { Clock } from '../../shared/ports.js';
import type { RawNumbers } from './raw-numbers.js';
import { RegisterMemory, RELEASED } from './register-memory.js';

export interface ChipTargetOptions {
  readonly type: DeviceType;
  readonly raws: RawNumbers;
  /** Register → bytes, both in hex, of registers that only a driver asks for. */
  readonly registers: ReadonlyMap<string, string>;
  /** Of those the ones that stay as they are, be they written or not: their bits go back by themselves. */
  readonly steady?: readonly string[];
  /** Writes that it does not acknowledge, in hex. */
  readonly refused?: readonly string[];
  /** A register that a driver writes → one of the description that holds the same. */
  readonly alias?: ReadonlyMap<number, number>;
  readonly clock: Clock;
}

export class ChipTarget implements SimulatedTarget {
  readonly #described: DescribedTarget;
  /** Write → how many bytes are read then, by the description. */
  readonly #asked: ReadonlyMap<string, number>;
  #left = 0;
  readonly #memory: RegisterMemory;
  readonly #refused: ReadonlySet<string>;
  readonly #alias: ReadonlyMap<number, number>;
  #address = 0;
  #incoming: number[] = [];
  #pointer: readonly number[] = [];
  #reply: (() => number) | undefined;

  constructor({
    type,
    raws,
    registers,
    steady = [],
    refused = [],
    alias = new Map(),
    clock,
  }: ChipTargetOptions) {
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
    this.#alias = alias;
  }

  start(address: number, direction: Direction): boolean {
    this.#endWrite(address);
    if (direction === 'write') {
      this.#address = address;
      return true;
    }
    const register = this.#memory.named(this.#pointer);
    this.#left =
      this.#asked.get(hexOf(this.#pointer)) ?? (register === undefined ? Number.POSITIVE_INFINITY : 0);
    this.#reply = register === undefined ? undefined : this.#memory.reader(register);
    return this.#left === 0 ? true : this.#described.start(address, 'read');
  }

  receive(byte: number): boolean {
    const meant = this.#incoming.length === 0 ? (this.#alias.get(byte) ?? byte) : byte;
    this.#incoming.push(meant);
    return !this.#refused.has(hexOf(this.#incoming).toUpperCase());
  }

  send(): number {
    const remembered = this.#reply?.() ?? RELEASED;
    this.#left -= 1;
    return this.#left < 0 ? remembered : this.#described.send();
  }

  stop(): void {
    this.#endWrite(this.#address);
    this.#reply = undefined;
    this.#described.stop();
  }

  holdsClock(): boolean {
    return false;
  }

  /** What names a register that the description does not know does not come between its own words. */
  #endWrite(address: number): void {
    if (this.#incoming.length === 0) return;
    this.#pointer = this.#incoming.splice(0);
    const isOnlyTheirs = !this.#asked.has(hexOf(this.#pointer)) && this.#memory.has(this.#pointer);
    this.#memory.written(this.#pointer);
    if (isOnlyTheirs) return;
    this.#described.start(address, 'write');
    for (const byte of this.#pointer) this.#described.receive(byte);
    this.#described.stop();
  }
}

/** A field with one name has its number always: the simulation lets no name drift. */
function withRaws(type: DeviceType, raws: RawNumbers): DeviceType {
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
