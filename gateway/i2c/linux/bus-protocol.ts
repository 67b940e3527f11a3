// What the gateway and the process of a bus say to each other: transactions with a number, each answered once, in order.
// In bytes, and not in Node's own messages: what these cost is idle time of the wire between two transactions.
import type { ErrorCode } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { framed } from './frames.js';

export interface NumberedTransaction {
  readonly id: number;
  readonly transaction: I2cTransaction;
}

/** A GatewayError as data: serializing would keep neither its class nor its code. */
export interface WireFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: string;
  readonly untried?: boolean;
}

export type BusAnswer =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly failure: WireFailure };

export type FromBusProcess = 'ready' | { readonly openFailed: WireFailure } | BusAnswer;

/** The descriptor of the bus process on which they speak, a socket; its end says: close the bus and end. */
export const CHANNEL = 3;

/** Number, address, flags, bytes to read; then what is written. */
const HEAD_BYTES = 8;
const WRITES = 1;
const REPEATED_START = 2;

/** A number has 32 bits: at a thousand transactions a second they are all used after fifty days, and begin anew. */
export function numberAfter(id: number): number {
  return (id + 1) % 2 ** 32;
}

/** The address is one of 7 bits, and `readLength` below 65,536: it was checked before. */
export function frameOfTransaction({ id, transaction }: NumberedTransaction): Buffer {
  const { address, write, readLength = 0, repeatedStart = false } = transaction;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(id, 0);
  head.writeUInt8(address, 4);
  head.writeUInt8((write === undefined ? 0 : WRITES) | (repeatedStart ? REPEATED_START : 0), 5);
  head.writeUInt16LE(readLength, 6);
  return framed(write === undefined ? [head] : [head, write]);
}

/** What is written stays where it is in `frame`. */
export function transactionOf(frame: Buffer): NumberedTransaction {
  const flags = frame.readUInt8(5);
  const write = (flags & WRITES) === 0 ? {} : { write: frame.subarray(HEAD_BYTES) };
  const [address, readLength] = [frame.readUInt8(4), frame.readUInt16LE(6)];
  const transaction = { address, readLength, repeatedStart: (flags & REPEATED_START) !== 0, ...write };
  return { id: frame.readUInt32LE(0), transaction };
}

const SAID = { bytes: 0, failure: 1, ready: 2, openFailed: 3 } as const;

export function frameOfSaid(said: FromBusProcess): Buffer {
  if (said === 'ready') return framed([headOf(SAID.ready, 0)]);
  if ('openFailed' in said) return framed([headOf(SAID.openFailed, 0), jsonOf(said.openFailed)]);
  if ('bytes' in said) return framed([headOf(SAID.bytes, said.id), said.bytes]);
  return framed([headOf(SAID.failure, said.id), jsonOf(said.failure)]);
}

/** Its bytes are a copy. */
export function saidOf(frame: Buffer): FromBusProcess {
  const [kind, id, rest] = [frame.readUInt8(0), frame.readUInt32LE(1), frame.subarray(5)];
  if (kind === SAID.ready) return 'ready';
  if (kind === SAID.bytes) return { id, bytes: new Uint8Array(rest) };
  // Our own process speaks our own protocol.
  const failure = JSON.parse(rest.toString()) as WireFailure;
  return kind === SAID.openFailed ? { openFailed: failure } : { id, failure };
}

function headOf(kind: number, id: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(kind, 0);
  head.writeUInt32LE(id, 1);
  return head;
}

function jsonOf(failure: WireFailure): Buffer {
  return Buffer.from(JSON.stringify(failure));
}
