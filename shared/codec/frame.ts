// What stands around the fields of a reply: echo, status byte, checksum. What is wrong there is no reading (promise 5).
import type { SampleSpec } from '../device-type.js';
import { GatewayError } from '../errors.js';
import { checkLength, withChecksum, withoutChecksum } from './checksum.js';
import { hex } from './hex.js';

/** The words of a status description that mean more than an error's name. */
export const STATUS_OK = 'ok';
export const STATUS_BUSY = 'busy';

type Frame = Pick<SampleSpec, 'write' | 'readLength' | 'check' | 'echo' | 'status'>;

/** Bytes of the reply that are left for the fields. */
export function bodyLength(frame: Omit<Frame, 'write'>): number {
  return frame.readLength - checkLength(frame.check, frame.readLength) - headLength(frame);
}

function headLength({ echo = 0, status }: Pick<Frame, 'echo' | 'status'>): number {
  return echo + (status === undefined ? 0 : 1);
}

/**
 * The bytes of the fields. Throws GatewayError where the reply is not believed:
 * short_reply, empty_reply, checksum, wrong_echo, device_busy, device_error.
 */
export function unframe(reply: Uint8Array, frame: Frame, address: number): Uint8Array {
  if (reply.length < frame.readLength)
    throw new GatewayError(
      'short_reply',
      `${String(reply.length)} bytes came, ${String(frame.readLength)} were asked for.`,
    );
  if (isEmptyReply(reply))
    throw new GatewayError('empty_reply', `The reply ${hex(reply)} is that of a device with nothing to say.`);
  const checked = withoutChecksum(reply, frame.check, { address, write: frame.write });
  if (checked === undefined) throw new GatewayError('checksum', `The checksum of ${hex(reply)} is wrong.`);
  refuseWrongEcho(checked, frame);
  refuseBadStatus(checked, frame);
  return checked.subarray(headLength(frame));
}

function refuseWrongEcho(checked: Uint8Array, { echo = 0, write }: Frame): void {
  const wanted = write.subarray(0, echo);
  if (wanted.every((byte, index) => byte === checked[index])) return;
  const came = hex(checked.subarray(0, echo));
  throw new GatewayError('wrong_echo', `The reply begins with ${came}, not with ${hex(wanted)} as written.`);
}

function refuseBadStatus(checked: Uint8Array, { echo = 0, status }: Frame): void {
  const byte = checked[echo];
  if (status === undefined || byte === undefined) return;
  const word = status.get(byte);
  if (word === STATUS_OK) return;
  const shown = `0x${hex(Uint8Array.of(byte))}`;
  if (word === STATUS_BUSY) throw new GatewayError('device_busy', `The device is busy (status ${shown}).`);
  const meaning = word ?? 'which status does not list';
  throw new GatewayError('device_error', `The device answered with status ${shown}: ${meaning}.`);
}

/** The reply around a body: the far end's half of {@link unframe}, for simulated targets. */
export function framed(body: Uint8Array, frame: Frame, address: number): Uint8Array {
  const good = [...(frame.status ?? [])].find(([, word]) => word === STATUS_OK);
  const status = good === undefined ? [] : [good[0]];
  const head = frame.write.subarray(0, frame.echo ?? 0);
  return withChecksum(Uint8Array.from([...head, ...status, ...body]), frame.check, {
    address,
    write: frame.write,
  });
}

const EMPTY_TAIL = 0xff;

/**
 * A known empty reply: AVR's Wire sends 00 then FF… when `onRequest` wrote nothing, and a released bus reads as FF.
 * One or two bytes can't be told from data and pass.
 */
export function isEmptyReply(reply: Uint8Array): boolean {
  if (reply.length < 3) return false;
  const tail = reply.subarray(1).every((byte) => byte === EMPTY_TAIL);
  return tail && (reply[0] === EMPTY_TAIL || reply[0] === 0);
}
