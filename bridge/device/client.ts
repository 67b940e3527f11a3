// One device through the queue: its bytes in, believed values out (docs/promises.md, 5).
import type { Known } from '../../shared/codec/conversation.js';
import { framed, unframe } from '../../shared/codec/frame.js';
import { hex } from '../../shared/codec/hex.js';
import { fillTemplate } from '../../shared/codec/write/template.js';
import { defined } from '../../shared/config/defined.js';
import type { ArgumentValues } from '../../shared/codec/write/spec.js';
import type { CommandSpec, Device, SampleSpec, VerifySpec } from '../../shared/device-type.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type { Clock, QueuedI2cBus, QueuedTransferOptions } from '../../shared/ports.js';
import { commandWrite, encodeArguments } from '../../shared/codec/write/command-bytes.js';
import { askStep } from './talk/ask.js';
import { runCommandSteps, type Answer } from './talk/command-steps.js';
import { takeSteps } from './talk/steps.js';
import { DeviceLine, type ReadingBack } from './line.js';
import { pause } from '../time/pause.js';
import { Presence } from './presence.js';
import { DeviceReader, type Reading } from './reader.js';
import { sameBytes } from './same-bytes.js';
import { TalkEnd } from './talk/end.js';
import { DeviceWire } from './wire.js';

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
  /** Told what the device has answered, before it resolves. */
  readonly onAnswer?: (answer: Answer) => void;
}

const NEVER = (): undefined => undefined;

export class DeviceClient {
  readonly device: Device;
  /** What may be done with it now: asked by those who do it. */
  readonly presence = new Presence();
  readonly #wire: DeviceWire;
  readonly #clock: Clock;
  readonly #reader: DeviceReader;
  readonly #line: DeviceLine;

  /** `before`: who asked the same device as it was described before. Their commands still go one behind the other. */
  constructor(device: Device, bus: QueuedI2cBus, clock: Clock, before?: DeviceClient) {
    this.device = device;
    this.#wire = new DeviceWire(device, bus, clock);
    this.#clock = clock;
    this.#reader = new DeviceReader(this.#wire);
    this.#line = before === undefined ? new DeviceLine(clock) : before.#line;
  }

  /** Resolves when no command of the device runs or waits. */
  idle(): Promise<void> {
    return this.#line.idle();
  }

  /**
   * For who comes (back): forgets earlier readings. Rejects with wrong_identity where another device answers, with the bus's
   * error, or with what `refuse` says when its turn on the bus comes.
   */
  identify(refuse: () => Error | undefined = NEVER): Promise<void> {
    return this.#reader.identify(refuse);
  }

  /** What its fields are computed with: its parameters, and the constants that it was asked for. */
  get known(): Known {
    return this.#reader.known;
  }

  /** Reads its constants anew. Rejects with the bus's error, or why one of them is not believed. */
  learn(refuse: () => Error | undefined = NEVER): Promise<void> {
    return this.#reader.learn(refuse);
  }

  /** Reads one sample. Rejects with the bus's error, or what `refuse` says, when nothing could be read at all. */
  read(sample: SampleSpec, refuse: () => Error | undefined = NEVER): Promise<Reading> {
    return this.#reader.read(sample, refuse);
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
    let talkEnd: TalkEnd | undefined;
    const hurry = (): void => {
      passage.hurry();
      if (!urgent) talkEnd?.hurry();
    };
    const place = { waitMs: Math.min(waitMs, deadlineMs), overdue, urgent, hurry, readBackMs };
    return this.#line.run(place, async () => {
      await turn.before?.();
      const leftMs = untilMs - this.#clock.monotonicMs();
      if (leftMs <= 0) throw tooLate();
      if (spec.steps !== undefined) talkEnd = new TalkEnd(this.#clock, leftMs);
      try {
        return await this.#command(spec, args, { ...turn, passage, deadlineMs: leftMs }, talkEnd?.signal);
      } finally {
        talkEnd?.over();
      }
    });
  }

  /** Resolves when it is written, with how it is read back. */
  async #command(
    spec: CommandSpec,
    args: ArgumentValues,
    turn: CommandTurn & { readonly passage: Passage },
    ended: AbortSignal | undefined,
  ): Promise<ReadingBack | undefined> {
    const { deadlineMs, urgent = false } = turn;
    const options = { priority: 'command', deadlineMs, urgent } as const;
    const { refuse, mayExpire = false, passage } = turn;
    const first = { refuse, mayExpire, passage };
    let encoded: ReadonlyMap<string, Uint8Array>;
    try {
      if (spec.steps === undefined) {
        encoded = encodeArguments(spec, args, this.#reader.known);
        const write = commandWrite(spec, encoded, this.device.address);
        const own = { ...options, ...first, repeatable: spec.idempotent ?? false };
        await this.#wire.transfer({ write }, own);
      } else {
        const said = await this.#wire.talk(
          options,
          (talk) => runCommandSteps(spec, args, talk, { first, known: this.#reader.known }),
          ended,
        );
        ({ encoded } = said);
        turn.onAnswer?.(said.answer);
      }
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

  /** The reply, as it came. */
  async #readBack(
    verify: VerifySpec,
    options: QueuedTransferOptions,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { before } = verify;
    if (before === undefined) return this.#wire.ask(verify, options, signal);
    return this.#wire.talk(
      options,
      async (talk) => {
        const { fault } = await takeSteps(before, talk);
        if (fault !== undefined) throw fault;
        return askStep({ ...verify, fields: [] }, talk);
      },
      signal,
    );
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
      seen = await unlessAborted(this.#readBack(verify, options, signal), signal);
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
