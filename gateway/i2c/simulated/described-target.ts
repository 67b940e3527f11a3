// A target for a type without firmware: it behaves as its description says, so that --simulate works with any configuration.
import { decodeFields } from '../../../shared/codec/fields.js';
import { bodyLength, framed } from '../../../shared/codec/frame.js';
import { withoutWriteChecks } from '../../../shared/codec/write/command-bytes.js';
import { argumentLength } from '../../../shared/codec/write/argument.js';
import { allArguments } from '../../../shared/codec/write/computed-arguments.js';
import { fillTemplate, openEnded, templateLength } from '../../../shared/codec/write/template.js';
import { checkLength } from '../../../shared/codec/checksum.js';
import { readDecimal, readText } from '../../../shared/codec/text.js';
import { isNumberType, WIRE_TYPES } from '../../../shared/codec/wire-types.js';
import type { ArgumentSpec } from '../../../shared/codec/write/spec.js';
import type {
  CommandSpec,
  DeviceType,
  QuestionSpec,
  SampleSpec,
  StepSpec,
  VerifySpec,
} from '../../../shared/device-type.js';
import type { Clock } from '../../../shared/ports.js';
import { DescribedChains, makeFieldsPass, type ChainStep } from './described-chains.js';
import { DescribedLatches } from './described-latches.js';
import { driftingBody, type Simulated } from './drifting-fields.js';
import type { Direction, SimulatedTarget } from './target.js';

export interface DescribedTargetOptions {
  readonly type: DeviceType;
  /** 0…1: where in their periods the values begin. */
  readonly phase: number;
  readonly clock: Clock;
}

/** A command's arguments as they came over the wire. */
type Captured = ReadonlyMap<string, Uint8Array>;

/** A write is the register plus 31 at most with Wire; what a controller sends beyond is refused, as a target may. */
const MOST_WRITTEN_BYTES = 256;
const RELEASED = 0xff;

export class DescribedTarget implements SimulatedTarget {
  readonly #type: DeviceType;
  readonly #phase: number;
  readonly #clock: Clock;
  #address = 0;
  #incoming: number[] = [];
  /** The last write: it chooses what is read, once where a read without any has a meaning of its own. */
  #pointer: Uint8Array = new Uint8Array();
  #isAnswered = false;
  #reply: Uint8Array = new Uint8Array();
  #sent = 0;
  /** Read byte by byte: the next read goes on where the last one ended. */
  #isBytewise = false;
  /** The newest is the last. */
  readonly #captured = new Map<string, Captured>();
  /** The command that was written last and is not read back yet: its verify goes before a sample of the same register. */
  #unverified: CommandSpec | undefined;
  /** Field id → value that a command has set. */
  readonly #commanded = new Map<string, number>();
  /** How often each was read. */
  readonly #turns = new Map<object, number>();
  /** Of a type that a command of its own calls so. */
  readonly hearsGeneralCall: boolean;
  readonly #chains: DescribedChains;
  readonly #latches: DescribedLatches;

  constructor(options: DescribedTargetOptions) {
    this.#type = options.type;
    this.#chains = new DescribedChains(options.type);
    this.#latches = new DescribedLatches(options.type);
    const { commands, onConnect, onStop } = options.type;
    const written = [...commands.values(), ...[...onConnect, ...onStop].map(({ spec }) => spec)];
    this.hearsGeneralCall = written.some(({ steps = [] }) => steps.some(({ step }) => step.generalCall));
    this.#phase = options.phase;
    this.#clock = options.clock;
  }

  start(address: number, direction: Direction): boolean {
    this.#address = address;
    this.#endWrite();
    const goesOn = this.#isBytewise && this.#sent < this.#reply.length;
    if (direction === 'read' && !goesOn) {
      if (this.#isAnswered && this.#plain() !== undefined) this.#pointer = new Uint8Array();
      this.#reply = this.#answer();
      this.#sent = 0;
      this.#isAnswered = true;
    }
    return true;
  }

  receive(byte: number): boolean {
    if (this.#incoming.length >= MOST_WRITTEN_BYTES) return false;
    this.#incoming.push(byte);
    return true;
  }

  send(): number {
    return this.#reply[this.#sent++] ?? RELEASED;
  }

  stop(): void {
    this.#endWrite();
  }

  holdsClock(): boolean {
    return false;
  }

  /** STOP or repeated START after a write: a command is done, and whatever it was is where a read begins. */
  #endWrite(): void {
    if (this.#incoming.length === 0) return;
    this.#pointer = Uint8Array.from(this.#incoming.splice(0));
    this.#chains.written(this.#pointer);
    this.#pointer = this.#latches.written(this.#pointer) ?? this.#pointer;
    this.#isBytewise = false;
    this.#isAnswered = false;
    for (const command of this.#type.commands.values()) {
      const captured = capture(command, this.#pointer);
      if (captured !== undefined) this.#remember(command, captured);
    }
  }

  #remember(command: CommandSpec, captured: Captured): void {
    this.#captured.delete(command.id);
    this.#captured.set(command.id, captured);
    this.#unverified = command;
    for (const arg of allArguments(command)) {
      const value = decodeArgument(arg, captured.get(arg.id));
      if (!Number.isFinite(value)) continue;
      this.#commanded.set(arg.id, value);
      if (command.args.length === 1) this.#commanded.set(command.id, value);
    }
  }

  #answer(): Uint8Array {
    const { identify, samples, commands } = this.#type;
    const last = this.#unverified;
    const sample = samples.find(({ write, conversation }) => !conversation && this.#isChosen(write));
    const shared = sample === undefined ? undefined : this.#asOneRegister(sample);
    if (shared !== undefined) return shared;
    if (last?.verify !== undefined && this.#isChosen(lastWrite(last.verify))) {
      this.#unverified = undefined;
      return this.#readBack(last, last.verify);
    }
    if (identify !== undefined && this.#isChosen(lastWrite(identify)))
      return this.#framed(identify.expect, identify);
    if (sample !== undefined) return this.#sampled(sample);
    for (const command of commands.values()) {
      if (command.verify !== undefined && this.#isChosen(lastWrite(command.verify)))
        return this.#readBack(command, command.verify);
    }
    const chained = this.#chains.next(this.#pointer);
    if (chained !== undefined) return this.#spoken(chained);
    const plain = this.#plain();
    return plain === undefined ? new Uint8Array() : this.#sampled(plain);
  }

  #plain(): SampleSpec | undefined {
    return this.#type.samples.find(({ write, conversation }) => !conversation && write.length === 0);
  }

  #sampled(sample: SampleSpec): Uint8Array {
    return this.#framed(this.#bodyOf(sample), sample);
  }

  #spoken(chained: ChainStep): Uint8Array {
    const { step, everyMs, steady } = chained;
    const body = this.#drifting(step, { ...step, everyMs, steady });
    makeFieldsPass(body, chained);
    return this.#framed(body, step);
  }

  #bodyOf(sample: SampleSpec): Uint8Array {
    return this.#drifting(sample, sample);
  }

  /** `key`: what is counted, each read of it one turn. */
  #drifting(key: object, sample: Simulated & Pick<QuestionSpec, 'write'>): Uint8Array {
    const latched = this.#latches.read(sample.write, bodyLength(sample));
    if (latched !== undefined) return latched.slice();
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return driftingBody(sample, this.#clock.monotonicMs(), this.#phase, this.#commanded, turn);
  }

  /**
   * A sample and the verify of the command that ran last may read the same register. Then it has what was written, for
   * both of them and whoever comes first: where a reply can be believed as the one and begins as the other.
   */
  #asOneRegister(sample: SampleSpec): Uint8Array | undefined {
    const [id, captured] =
      [...this.#captured].findLast(([name]) => this.#verifyOf(name, sample) !== undefined) ?? [];
    const verify = id === undefined ? undefined : this.#verifyOf(id, sample);
    if (verify === undefined || captured === undefined) return undefined;
    if (sample.fields.some(({ changesWithinMs }) => changesWithinMs !== undefined)) return undefined;
    const written = fillTemplate(verify.equals, captured);
    const readBack = framed(written, verify, this.#address);
    const body = this.#bodyOf(sample);
    if (written.length > body.length) return undefined;
    body.set(written);
    const reply = framed(body, sample, this.#address);
    const isBoth = readBack.every((byte, index) => byte === reply[index]);
    if (!isBoth || Object.keys(decodeFields(body, sample).errors).length > 0) return undefined;
    this.#isBytewise = sample.bytewise ?? false;
    return reply;
  }

  #verifyOf(command: string, { write, bytewise }: SampleSpec): VerifySpec | undefined {
    const verify = this.#type.commands.get(command)?.verify;
    return verify !== undefined && sameBytes(verify.write, write) && verify.bytewise === bytewise
      ? verify
      : undefined;
  }

  /** What the last run of the command wrote; zeros where it never ran. */
  #readBack(command: CommandSpec, verify: VerifySpec): Uint8Array {
    const zeros = new Map(allArguments(command).map((arg) => [arg.id, new Uint8Array(argumentLength(arg))]));
    const body = fillTemplate(verify.equals, this.#captured.get(command.id) ?? zeros);
    return this.#framed(body, verify);
  }

  #framed(body: Uint8Array, question: QuestionSpec): Uint8Array {
    this.#isBytewise = question.bytewise ?? false;
    return framed(body, question, this.#address);
  }

  #isChosen(write: Uint8Array): boolean {
    return sameBytes(write, this.#pointer);
  }
}

/** What is written last before it is read. */
function lastWrite({
  write,
  before = [],
}: QuestionSpec & { readonly before?: readonly StepSpec[] }): Uint8Array {
  return [...before.map((step) => step.write), write].findLast(({ length }) => length > 0) ?? write;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** The arguments in `bytes`; undefined where they are not this command. Of one with steps nothing is remembered. */
function capture(command: CommandSpec, sent: Uint8Array): Captured | undefined {
  const { steps, write, writeCheck } = command;
  if (steps !== undefined) return undefined;
  const args = allArguments(command);
  const open = openEnded(write, args);
  const most = templateLength(write, args);
  // A text is as long as is left for it.
  const checks = writeCheck === undefined ? 0 : checkLength({ kind: writeCheck.kind }, 0);
  const length = open === undefined ? most : Math.min(most, sent.length - checks);
  const bytes = writeCheck === undefined ? sent : withoutWriteChecks(sent, writeCheck, length);
  const captured = new Map<string, Uint8Array>();
  let at = 0;
  for (const part of command.write) {
    if (typeof part === 'number') {
      if (bytes[at] !== part) return undefined;
      at += 1;
      continue;
    }
    const arg = args.find(({ id }) => id === part.argument);
    const size = arg === undefined ? 0 : argumentLength(arg) - (arg === open ? most - length : 0);
    if (size < 0) return undefined;
    captured.set(part.argument, bytes.subarray(at, at + size));
    at += size;
  }
  return at === bytes.length ? captured : undefined;
}

/** Of a text no number shows anywhere. */
function decodeArgument(arg: ArgumentSpec, bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return 0;
  if (arg.type === 'bool') return bytes[0] ?? 0;
  if (arg.type === 'decimal') return readDecimal(readText(bytes) ?? '');
  if (!isNumberType(arg.type)) return Number.NaN;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return WIRE_TYPES[arg.type].read(view, 0) * (arg.scale ?? 1) + (arg.offset ?? 0);
}
