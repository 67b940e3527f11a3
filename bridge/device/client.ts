// One device through the queue: its bytes in, believed values out (docs/promises.md, 5).
import { decodeFields } from '../../shared/codec/fields.js';
import { framed, unframe } from '../../shared/codec/frame.js';
import { hex } from '../../shared/codec/hex.js';
import { fillTemplate } from '../../shared/codec/template.js';
import { defined } from '../../shared/config/defined.js';
import type {
  ArgumentValues,
  CommandSpec,
  Device,
  IdentifySpec,
  QuestionSpec,
  SampleSpec,
  VerifySpec,
} from '../../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type { Clock, QueuedI2cBus, QueuedTransferOptions } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import { ask, wireOf } from './ask.js';
import { encodeArguments } from '../../shared/codec/command-bytes.js';
import { DeviceLine, type ReadingBack } from './line.js';
import { pause } from '../time/pause.js';
import { Presence } from './presence.js';
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
const POLL = { priority: 'poll', deadlineMs: POLL_DEADLINE_MS } as const;

export interface CommandTurn {
  readonly deadlineMs: number;
  /** The longest wait behind earlier commands of the device, where that is shorter: then `refuse` says why. */
  readonly waitMs?: number;
  /** A safe write: goes before all others, and past readings that take their time. */
  readonly urgent?: boolean;
  /** Asked when the command's turn on the bus comes: it may be too late by then. */
  readonly refuse: () => Error | undefined;
  /** It may be too late at any moment: asked when the wire is free for it. */
  readonly mayExpire?: boolean;
  /** The record of its write, for who wants to read it. */
  readonly passage?: Passage;
  /** Awaited when it is this command's turn among those of its device; it is not run where this rejects. */
  readonly before?: () => Promise<void>;
  /** The longest time for reading back; then it rejects with verify_failed. */
  readonly readBackMs?: number;
  /**
   * Told at once how its write ended, with the error where it failed: before it is read back, and before the next command
   * of the device has its turn.
   */
  readonly onWriteEnd?: (error?: GatewayError) => void;
}

const NEVER = (): undefined => undefined;

export class DeviceClient {
  readonly device: Device;
  /** What may be done with it now: asked by those who do it. */
  readonly presence = new Presence();
  readonly #bus: QueuedI2cBus;
  readonly #clock: Clock;
  readonly #memory = new ReadingMemory();
  readonly #line: DeviceLine;

  constructor(device: Device, bus: QueuedI2cBus, clock: Clock) {
    this.device = device;
    this.#bus = bus;
    this.#clock = clock;
    this.#line = new DeviceLine(clock);
  }

  /**
   * For who comes (back): forgets earlier readings. Rejects with wrong_identity where another device answers, with the bus's
   * error, or with what `refuse` says when its turn on the bus comes.
   */
  async identify(refuse: () => Error | undefined = NEVER): Promise<void> {
    this.#memory.forget();
    const { identify } = this.device.type;
    if (identify === undefined) return;
    const reply = await this.#ask(identify, { ...POLL, refuse });
    const body = identityIn(reply, identify, this.device.address);
    if (sameBytes(body, identify.expect)) return;
    throw new GatewayError(
      'wrong_identity',
      `Identified itself as ${hex(body)}, expected ${hex(identify.expect)}.`,
      { seen: reply },
    );
  }

  /** Reads one sample. Rejects with the bus's error, or what `refuse` says, when nothing could be read at all. */
  async read(sample: SampleSpec, refuse: () => Error | undefined = NEVER): Promise<Reading> {
    const reply = await this.#ask(sample, { ...POLL, refuse });
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
   * Writes a command and, where described, reads it back. Rejects with verify_failed, overdue, queue_full or the bus's
   * error. One command of a device at a time.
   */
  command(spec: CommandSpec, args: ArgumentValues, turn: CommandTurn): Promise<void> {
    const { deadlineMs, waitMs = deadlineMs, urgent = false, refuse, readBackMs } = turn;
    const untilMs = this.#clock.monotonicMs() + deadlineMs;
    const { passage = new Passage(this.#clock) } = turn;
    const overdue = (): Error => refuse() ?? tooLate();
    const hurry = (): void => {
      passage.hurry();
    };
    const place = { waitMs: Math.min(waitMs, deadlineMs), overdue, urgent, hurry, readBackMs };
    return this.#line.run(place, async () => {
      await turn.before?.();
      const leftMs = untilMs - this.#clock.monotonicMs();
      if (leftMs <= 0) throw tooLate();
      return this.#command(spec, args, { ...turn, passage, deadlineMs: leftMs });
    });
  }

  /** Resolves when it is written, with how it is read back. */
  async #command(
    spec: CommandSpec,
    args: ArgumentValues,
    turn: CommandTurn & { readonly passage: Passage },
  ): Promise<ReadingBack | undefined> {
    const encoded = encodeArguments(spec, args);
    const { deadlineMs, urgent = false } = turn;
    const options = { priority: 'command', deadlineMs, urgent } as const;
    const { type } = this.device;
    const transaction = { write: fillTemplate(spec.write, encoded), ...wireOf(this.device) };
    try {
      await this.#bus.transfer(transaction, {
        ...options,
        restMs: type.restMs,
        repeatable: spec.idempotent ?? false,
        refuse: turn.refuse,
        mayExpire: turn.mayExpire ?? false,
        passage: turn.passage,
      });
    } catch (thrown) {
      turn.onWriteEnd?.(asGatewayError(thrown));
      throw thrown;
    }
    turn.onWriteEnd?.();
    const { verify } = spec;
    if (verify === undefined) return undefined;
    const expected = fillTemplate(verify.equals, encoded);
    return (signal) => this.#verify(verify, expected, options, signal);
  }

  async #verify(
    verify: VerifySpec,
    expected: Uint8Array,
    options: QueuedTransferOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { address } = this.device;
    let seen: Uint8Array | undefined;
    let body: Uint8Array;
    try {
      if (verify.afterMs > 0) await pause(this.#clock, verify.afterMs, signal);
      seen = await unlessAborted(this.#ask(verify, options, signal), signal);
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

  #ask(question: QuestionSpec, options: QueuedTransferOptions, signal?: AbortSignal): Promise<Uint8Array> {
    const { type } = this.device;
    const asked = { bus: this.#bus, clock: this.#clock, place: this.device, ...defined({ signal }) };
    return ask(question, asked, { ...options, restMs: type.restMs });
  }
}

/** A transaction that is given up runs on by itself; nobody waits for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

function tooLate(): GatewayError {
  return new GatewayError('overdue', 'Earlier commands to this device took too long; this one was not run.');
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
