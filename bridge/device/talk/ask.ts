// A question to a device as its description asks it: written and read in one go, or as a conversation with pauses.
import { GENERAL_CALL } from '../../../shared/addresses.js';
import { isBusy } from '../../../shared/codec/frame.js';
import type { Device, QuestionSpec, StepSpec } from '../../../shared/device-type.js';
import { asGatewayError } from '../../../shared/errors.js';
import type {
  Clock,
  I2cTransaction,
  QueuedI2cBus,
  QueuedTransferOptions,
  TransferOptions,
} from '../../../shared/ports.js';
import { pause } from '../../time/pause.js';

/** Whom to ask, over what. */
export interface Asked {
  readonly bus: QueuedI2cBus;
  readonly clock: Clock;
  readonly place: Pick<Device, 'address' | 'via'>;
  /** Nobody waits for the answer any more: the conversation ends, and lets go of the target. */
  readonly signal?: AbortSignal;
}

type Send = (
  transaction: Omit<I2cTransaction, 'address' | 'via'> & {
    /** Written to all who listen, in place of the device. */
    readonly generalCall?: boolean;
  },
  options?: Partial<QueuedTransferOptions>,
) => Promise<Uint8Array>;

/** The target is this conversation's own until it ends; pauses are spent off the bus. */
export interface Talk {
  readonly clock: Clock;
  readonly address: number;
  readonly send: Send;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * The raw reply; where the description waits until the device is ready, the last one, busy or not.
 * Rejects with the bus's error, or overdue where a safe write went first. Pauses are spent off the bus: other devices
 * use it, this one is held.
 */
export function ask(
  question: QuestionSpec,
  asked: Asked,
  options: QueuedTransferOptions,
): Promise<Uint8Array> {
  const { bus, place } = asked;
  const repeatable = { ...options, repeatable: question.repeatable ?? true };
  if (isOneTransaction(question)) return bus.transfer({ ...whole(question), ...wireOf(place) }, repeatable);
  return inConversation(asked, repeatable, (talk) => askWhole(question, talk));
}

/** Rejects with what `work` rejects with, or overdue where a safe write went first. */
export function inConversation<T>(
  { bus, clock, place, signal: ended }: Asked,
  options: QueuedTransferOptions,
  work: (talk: Talk) => Promise<T>,
): Promise<T> {
  return bus.converse((transfer, pressed) => {
    const signal = ended === undefined ? pressed : AbortSignal.any([pressed, ended]);
    const send: Send = ({ generalCall = false, ...transaction }, more) => {
      signal.throwIfAborted();
      const to = generalCall ? { ...place, address: GENERAL_CALL } : place;
      return transfer({ ...transaction, ...wireOf(to) }, { ...options, ...more });
    };
    const wait = (ms: number): Promise<void> => pause(clock, ms, signal);
    return work({ clock, address: place.address, send, wait });
  });
}

/** A step that reads, as a part of a conversation. */
export function askStep(step: StepSpec, talk: Talk): Promise<Uint8Array> {
  const { send } = talk;
  const repeatable = step.repeatable ?? true;
  const own: Talk = { ...talk, send: (transaction, more) => send(transaction, { repeatable, ...more }) };
  if (isOneTransaction(step) && step.nack !== true) return own.send(whole(step));
  return askWhole(step, own);
}

/** A write that need not be acknowledged: the device may sleep, or be busy with what it was told before. */
export async function writeTolerant(
  transaction: Parameters<Send>[0],
  { send }: Pick<Talk, 'send'>,
): Promise<void> {
  try {
    await send(transaction, { noAckIsBusy: true });
  } catch (thrown) {
    if (asGatewayError(thrown).code !== 'no_ack') throw thrown;
  }
}

/**
 * Byte by byte a fault may have moved on where the device reads from, and what would be read again would be something
 * else: such a question is asked again as a whole, once.
 */
async function askWhole(question: StepSpec | QuestionSpec, talk: Talk): Promise<Uint8Array> {
  if (question.bytewise !== true || question.repeatable === false) return askUntilReady(question, talk);
  const { send } = talk;
  const once: Talk = {
    ...talk,
    send: (transaction, more) => send(transaction, { ...more, repeatable: false }),
  };
  try {
    return await askUntilReady(question, once);
  } catch (thrown) {
    if (asGatewayError(thrown).code !== 'bus_fault') throw thrown;
    return askUntilReady(question, once);
  }
}

/** Where a device is, as a transaction says it. */
export function wireOf({ address, via }: Asked['place']): Pick<I2cTransaction, 'address' | 'via'> {
  return via === undefined ? { address } : { address, via };
}

function isOneTransaction({ delayMs, bytewise, ready }: QuestionSpec): boolean {
  return delayMs === undefined && bytewise !== true && ready === undefined;
}

/** Reads the reply; may be called again. */
type Read = (options?: Pick<TransferOptions, 'noAckIsBusy'>) => Promise<Uint8Array>;

async function askUntilReady(question: StepSpec | QuestionSpec, talk: Talk): Promise<Uint8Array> {
  const { clock, address, wait } = talk;
  const read = await asked(question, talk);
  const { ready } = question;
  if (ready === undefined) return read();
  const endMs = clock.monotonicMs() + ready.withinMs;
  for (;;) {
    const mayRepeat = clock.monotonicMs() + ready.againMs <= endMs;
    const reply = await readOrNone(read, { noAckIsBusy: mayRepeat && ready.noAck });
    if (reply !== undefined && (!mayRepeat || !isBusy(reply, question, address))) return reply;
    await wait(ready.againMs);
  }
}

/** Writes what is to be written and waits. */
async function asked(question: StepSpec | QuestionSpec, { send, wait }: Talk): Promise<Read> {
  const { write, delayMs = 0, repeatedStart } = question;
  const isTolerant = 'nack' in question && question.nack;
  // A register with a repeated START is addressed anew by each read.
  if (repeatedStart) return (options) => send(whole(question), options);
  if (write.length > 0) await (isTolerant ? writeTolerant({ write }, { send }) : send({ write }));
  if (delayMs > 0) await wait(delayMs);
  return (options) => readReply(question, (transaction) => send(transaction, options));
}

async function readReply({ readLength, bytewise }: QuestionSpec, send: Send): Promise<Uint8Array> {
  if (bytewise !== true) return send({ readLength });
  const reply = new Uint8Array(readLength);
  for (let at = 0; at < readLength; at += 1) reply.set(await send({ readLength: 1 }), at);
  return reply;
}

/** undefined where the device did not acknowledge and that means "not yet". */
async function readOrNone(
  read: Read,
  options: Required<Pick<TransferOptions, 'noAckIsBusy'>>,
): Promise<Uint8Array | undefined> {
  try {
    return await read(options);
  } catch (thrown) {
    if (options.noAckIsBusy && asGatewayError(thrown).code === 'no_ack') return undefined;
    throw thrown;
  }
}

function whole({ write, readLength, repeatedStart }: QuestionSpec): Omit<I2cTransaction, 'address' | 'via'> {
  return { ...(write.length === 0 ? {} : { write }), readLength, repeatedStart };
}
