// What the kernel's error numbers mean on an I²C bus, in one table.
import { constants } from 'node:os';
import { type ErrorCode, GatewayError } from '../../../shared/errors.js';
import { busPathOf, hexAddress } from './bus-path.js';
import { permissionSentence } from './permission.js';

const { errno } = constants;
/** Node has no name for these two; the numbers are Linux's (asm-generic/errno.h). */
const EREMOTEIO = 121;
const ESHUTDOWN = 108;

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  /** The bus object must be dropped: its file descriptors no longer lead where they seem to. */
  readonly reopen?: true;
}

/** After the kernel's Documentation/i2c/fault-codes.rst; EREMOTEIO is what a Raspberry Pi says for a NACK. */
const MEANINGS = new Map<number, Meaning>([
  [errno.ENXIO, { code: 'no_ack', what: 'no acknowledgement' }],
  [EREMOTEIO, { code: 'no_ack', what: 'no acknowledgement' }],
  [
    errno.ETIMEDOUT,
    { code: 'timeout', what: 'the adapter gave up waiting; a target may hold the clock low' },
  ],
  [errno.ETIME, { code: 'timeout', what: 'the adapter gave up waiting; a target may hold the clock low' }],
  [errno.EAGAIN, { code: 'bus_fault', what: 'another controller won the bus (lost arbitration)' }],
  [errno.EIO, { code: 'bus_fault', what: 'the transfer broke off' }],
  [errno.EPROTO, { code: 'bus_fault', what: 'the device broke the protocol' }],
  [errno.EBADMSG, { code: 'bus_fault', what: 'the SMBus checksum is wrong' }],
  [
    errno.EBUSY,
    { code: 'bus_fault', what: 'the bus is busy: a line is held low, or another controller has it' },
  ],
  [errno.EOPNOTSUPP, { code: 'unsupported', what: 'the adapter cannot do this kind of transaction' }],
  [errno.EINVAL, { code: 'unsupported', what: 'the adapter does not take this transaction' }],
  [errno.ENODEV, { code: 'bus_unavailable', what: 'the adapter is gone', reopen: true }],
  [ESHUTDOWN, { code: 'bus_unavailable', what: 'the adapter is shut down', reopen: true }],
  [errno.EBADF, { code: 'bus_unavailable', what: 'the bus file is closed', reopen: true }],
]);
const UNKNOWN: Meaning = { code: 'bus_fault', what: 'the transfer failed' };

/** A failed call of the driver, in the gateway's words. */
export interface WireFault {
  readonly error: GatewayError;
  readonly reopen: boolean;
}

export interface Place {
  readonly busNumber: number;
  readonly address: number;
}

/**
 * SMBus calls give a positive errno, plain reads and writes a negative one, and EREMOTEIO has no `code`:
 * only the number's size tells (docs/architecture.md#linux-and-i2c-bus).
 */
export function errnoOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errno' in thrown)) return undefined;
  return typeof thrown.errno === 'number' ? Math.abs(thrown.errno) : undefined;
}

/** The call by which i2c-bus chooses the address on a new file descriptor. */
export function failedToChooseAddress(thrown: unknown): boolean {
  return thrown instanceof Error && 'syscall' in thrown && thrown.syscall === 'setAddr';
}

function failedToOpen(thrown: unknown): boolean {
  return thrown instanceof Error && 'syscall' in thrown && thrown.syscall === 'open';
}

/** `holder` names the kernel driver at an address, if one is there. */
export function transferFault(
  thrown: unknown,
  { busNumber, address }: Place,
  holder: (place: Place) => string | undefined,
): WireFault {
  const number = errnoOf(thrown);
  if (failedToOpen(thrown)) return { error: openError(thrown, busNumber), reopen: true };
  if (failedToChooseAddress(thrown)) {
    // i2c-bus keeps the descriptor whose address was refused, and talks to address 0 by it from then on.
    const place = { busNumber, address };
    if (number === errno.EBUSY) return { error: claimedError(place, holder(place), thrown), reopen: true };
    return { error: faultError(UNKNOWN, { busNumber, address }, thrown), reopen: true };
  }
  const meaning = MEANINGS.get(number ?? 0) ?? UNKNOWN;
  return { error: faultError(meaning, { busNumber, address }, thrown), reopen: meaning.reopen === true };
}

function faultError({ code, what }: Meaning, { busNumber, address }: Place, cause: unknown): GatewayError {
  const name = errnoName(errnoOf(cause));
  const where = `${hexAddress(address)} on ${busPathOf(busNumber)}`;
  return new GatewayError(code, `At ${where}: ${what}${name === undefined ? '' : ` (${name})`}.`, { cause });
}

function claimedError(place: Place, holder: string | undefined, cause: unknown): GatewayError {
  const { busNumber, address } = place;
  const what = `${hexAddress(address)} on ${busPathOf(busNumber)} is held by`;
  const device = `${String(busNumber)}-${address.toString(16).padStart(4, '0')}`;
  const sentence =
    holder === undefined
      ? `${what} a driver of the kernel. Look for it in /sys/bus/i2c/devices/${device}/driver and unbind it, or remove its dtoverlay.`
      : `${what} the kernel's driver ${holder}. Release it (echo ${device} | sudo tee /sys/bus/i2c/drivers/${holder}/unbind), remove its dtoverlay, or give the device another address.`;
  return new GatewayError('address_claimed', sentence, { cause, untried: true });
}

/** Why a bus does not open, and what to do. */
export function openError(thrown: unknown, busNumber: number): GatewayError {
  return new GatewayError('bus_unavailable', openSentence(thrown, busPathOf(busNumber)), {
    cause: thrown,
    untried: true,
  });
}

/** What a fault means when the adapter's device file has gone. */
export function goneError(cause: GatewayError, busNumber: number): GatewayError {
  const sentence = `${goneSentence(busPathOf(busNumber))} The bus opens by itself when it is back.`;
  return new GatewayError('bus_unavailable', sentence, { cause, untried: cause.untried });
}

function goneSentence(path: string): string {
  return `The adapter behind ${path} is gone. Plug it in or load its driver.`;
}

function openSentence(thrown: unknown, path: string): string {
  switch (errnoOf(thrown)) {
    case errno.ENOENT:
      return `There is no ${path}. Enable I²C (Raspberry Pi: sudo raspi-config, Interface Options, I2C; elsewhere: sudo modprobe i2c-dev), choose another of ls /dev/i2c-*, or start with --simulate.`;
    case errno.EACCES:
    case errno.EPERM:
      return permissionSentence(path);
    case errno.ENODEV:
    case errno.ENXIO:
      return goneSentence(path);
    default:
      return `${path} cannot be opened: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
  }
}

/** ENXIO for 6: what a person types into a search. */
function errnoName(number: number | undefined): string | undefined {
  if (number === EREMOTEIO) return 'EREMOTEIO';
  if (number === ESHUTDOWN) return 'ESHUTDOWN';
  return Object.entries(errno).find(([, value]) => value === number)?.[0];
}
