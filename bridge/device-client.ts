// One device through the queue: its bytes in, believed values out (DESIGN promise 5).
import PQueue from 'p-queue';
import { decodeFields } from '../shared/codec/fields.js';
import { framed, unframe } from '../shared/codec/frame.js';
import { hex } from '../shared/codec/hex.js';
import { fillTemplate } from '../shared/codec/template.js';
import { defined } from '../shared/config/defined.js';
import type {
  ArgumentValues,
  CommandSpec,
  Device,
  IdentifySpec,
  QuestionSpec,
  SampleSpec,
  VerifySpec,
} from '../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../shared/errors.js';
import type { Clock, QueuedI2cBus, QueuedTransferOptions } from '../shared/ports.js';
import type { Value } from '../shared/sample.js';
import { ask, wireOf } from './ask.js';
import { encodeArguments } from './command-bytes.js';
import { pause } from './pause.js';
import { ReadingMemory } from './reading-memory.js';
import { sameBytes } from './same-bytes.js';

/** What one read brought. `fault` is there when the whole reply is not believed: then every value is null. */
export interface Reading {
  /** Epoch ms when the bytes were read. */
  readonly ts: number;
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
  /** The whole reply, as it came. */
  readonly raw: Uint8Array;
  readonly fault?: GatewayError;
}

/** Frees a caller whose transaction hangs; the wire has its own, shorter patience. */
const POLL_DEADLINE_MS = 10_000;

export interface CommandTurn {
  readonly deadlineMs: number;
  /** Asked when the command's turn on the bus comes: it may be too late by then. */
  readonly refuse: () => Error | undefined;
  /** Awaited when it is this command's turn among those of its device; it is not run where this rejects. */
  readonly before?: () => Promise<void>;
}

export class DeviceClient {
  readonly device: Device;
  readonly #bus: QueuedI2cBus;
  readonly #clock: Clock;
  readonly #memory = new ReadingMemory();
  readonly #commands = new PQueue({ concurrency: 1 });

  constructor(device: Device, bus: QueuedI2cBus, clock: Clock) {
    this.device = device;
    this.#bus = bus;
    this.#clock = clock;
  }

  /** For who comes (back): forgets earlier readings. Rejects with wrong_identity where another device answers, or with the bus's error. */
  async identify(): Promise<void> {
    this.#memory.forget();
    const { identify } = this.device.type;
    if (identify === undefined) return;
    const reply = await this.#ask(identify);
    const body = identityIn(reply, identify, this.device.address);
    if (sameBytes(body, identify.expect)) return;
    throw new GatewayError(
      'wrong_identity',
      `Identified itself as ${hex(body)}, expected ${hex(identify.expect)}.`,
      { seen: reply },
    );
  }

  /** Reads one sample. Rejects with the bus's error when nothing could be read at all. */
  async read(sample: SampleSpec): Promise<Reading> {
    const reply = await this.#ask(sample);
    const ts = this.#clock.now();
    try {
      const decoded = decodeFields(unframe(reply, sample, this.device.address), sample);
      return { ts, raw: reply, ...this.#memory.review(decoded, sample, this.#clock.monotonicMs()) };
    } catch (thrown) {
      if (thrown instanceof GatewayError) return { ...disbelieved(ts, sample, thrown), raw: reply };
      throw thrown;
    }
  }

  /**
   * Writes a command and, where described, reads it back. Rejects with verify_failed, overdue or the bus's error.
   * One command of a device at a time: between a write and its reading back another write would make both look wrong.
   */
  command(spec: CommandSpec, args: ArgumentValues, turn: CommandTurn): Promise<void> {
    const askedMs = this.#clock.monotonicMs();
    return this.#commands.add(async () => {
      await turn.before?.();
      const leftMs = turn.deadlineMs - (this.#clock.monotonicMs() - askedMs);
      if (leftMs > 0) return this.#command(spec, args, { ...turn, deadlineMs: leftMs });
      throw new GatewayError(
        'overdue',
        'Earlier commands to this device took too long; this one was not run.',
      );
    });
  }

  async #command(spec: CommandSpec, args: ArgumentValues, turn: CommandTurn): Promise<void> {
    const encoded = encodeArguments(spec, args);
    const options = { priority: 'command', deadlineMs: turn.deadlineMs } as const;
    const { type } = this.device;
    await this.#bus.transfer(
      { write: fillTemplate(spec.write, encoded), ...wireOf(this.device) },
      {
        ...options,
        restMs: type.restMs,
        repeatable: spec.idempotent ?? false,
        refuse: turn.refuse,
      },
    );
    if (spec.verify !== undefined)
      await this.#verify(spec.verify, fillTemplate(spec.verify.equals, encoded), options);
  }

  async #verify(verify: VerifySpec, expected: Uint8Array, options: QueuedTransferOptions): Promise<void> {
    if (verify.afterMs > 0) await pause(this.#clock, verify.afterMs);
    const { address } = this.device;
    let seen: Uint8Array | undefined;
    let body: Uint8Array;
    try {
      seen = await this.#ask(verify, options);
      // What was commanded may look like an empty reply: a lamp whose three colours are all FF.
      body = sameBytes(seen, framed(expected, verify, address)) ? expected : unframe(seen, verify, address);
    } catch (cause) {
      // The command is written by now: whatever goes wrong here, it must not look as if it had never run.
      const { message } = asGatewayError(cause);
      const said = `Wrote the command, but could not read it back: ${message}`;
      throw new GatewayError('verify_failed', said, { cause, ...defined({ seen }) });
    }
    if (sameBytes(body, expected)) return;
    const message = `Wrote the command, but read back ${hex(body)} instead of ${hex(expected)}.`;
    throw new GatewayError('verify_failed', message, { seen });
  }

  #ask(
    question: QuestionSpec,
    options: QueuedTransferOptions = { priority: 'poll', deadlineMs: POLL_DEADLINE_MS },
  ): Promise<Uint8Array> {
    const { type } = this.device;
    const asked = { bus: this.#bus, clock: this.#clock, place: this.device };
    return ask(question, asked, { ...options, restMs: type.restMs });
  }
}

/** A reply in which no identity is to be found is not that of the described device. */
function identityIn(reply: Uint8Array, identify: IdentifySpec, address: number): Uint8Array {
  try {
    return unframe(reply, identify, address);
  } catch (cause) {
    const { message } = asGatewayError(cause);
    throw new GatewayError('wrong_identity', `Could not be identified: ${message}`, { cause, seen: reply });
  }
}

/** No value of the reply is believed. */
function disbelieved(ts: number, sample: SampleSpec, fault: GatewayError): Omit<Reading, 'raw'> {
  const ids = sample.fields.map((field) => field.id);
  return {
    ts,
    values: Object.fromEntries(ids.map((id) => [id, null])),
    errors: Object.fromEntries(ids.map((id) => [id, fault.code])),
    fault,
  };
}
