// What stands around the fields of a reply: envelope, echo, status byte, checksum. What is wrong there is no reading (promise 5).
import type { QuestionSpec } from '../device-type.js';
import { GatewayError } from '../errors.js';
import { checkLength, withChecksum, withoutChecksum } from './checksum.js';
import { enveloped, envelopeLength, frontLength, opened } from './envelope.js';
import { hex } from './hex.js';
import { failedTest, makePass, testInWords } from './reply-test.js';

/** The words of a status description that mean more than an error's name. */
export const STATUS_OK = 'ok';
export const STATUS_BUSY = 'busy';

type Frame = Omit<QuestionSpec, 'repeatedStart' | 'delayMs' | 'bytewise' | 'repeatable'>;

/** Bytes of the reply that are left for the fields, at most. */
export function bodyLength(frame: Omit<Frame, 'write'>): number {
  const around = envelopeLength(frame.envelope) + headLength(frame);
  return frame.readLength - checkLength(frame.check, frame.readLength) - around;
}

function headLength({ echo = 0, status }: Pick<Frame, 'echo' | 'status'>): number {
  return echo + (status === undefined ? 0 : 1);
}

/**
 * The bytes of the fields; fewer than `bodyLength` where the frame says its length. Throws GatewayError where the
 * reply is not believed: short_reply, device_busy, empty_reply, wrong_frame, checksum, wrong_echo, device_error,
 * set_up_lost.
 */
export function unframe(reply: Uint8Array, frame: Frame, address: number): Uint8Array {
  const { readLength, envelope, check, write } = frame;
  if (reply.length < readLength)
    throw new GatewayError(
      'short_reply',
      `${String(reply.length)} bytes came, ${String(readLength)} were asked for.`,
    );
  refuseBusy(reply, frame);
  if (frame.allFf !== true && isEmptyReply(reply))
    throw new GatewayError('empty_reply', `The reply ${hex(reply)} is that of a device with nothing to say.`);
  const inner = { head: headLength(frame), check: checkLength(check, readLength) };
  const checked = withoutChecksum(opened(reply, envelope, inner), check, { address, write });
  if (checked === undefined) throw new GatewayError('checksum', `The checksum of ${hex(reply)} is wrong.`);
  const inside = checked.subarray(frontLength(envelope));
  refuseWrongEcho(inside, frame);
  refuseBadStatus(inside, frame);
  const body = inside.subarray(headLength(frame));
  refuseFailed(body, frame);
  return body;
}

/** True for a reply that says "not yet", in the way the frame describes. */
export function isBusy(reply: Uint8Array, frame: Frame, address: number): boolean {
  try {
    unframe(reply, frame, address);
    return false;
  } catch (thrown) {
    return thrown instanceof GatewayError && thrown.code === 'device_busy';
  }
}

/** Comes before all else: who is busy has no frame and no checksum yet. */
function refuseBusy(reply: Uint8Array, { ready }: Frame): void {
  const first = reply[0];
  if (first === undefined || ready?.busy.includes(first) !== true) return;
  throw new GatewayError('device_busy', `The device is busy (first byte 0x${hex(reply.subarray(0, 1))}).`);
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

/** Who was reset may never be ready: whether it still has its set-up is looked at first. */
function refuseFailed(body: Uint8Array, { configured, ready, valid }: Frame): void {
  const lost = failedTest(body, configured);
  if (lost !== undefined)
    throw new GatewayError(
      'set_up_lost',
      `${hex(body)} is that of a device without its set-up: ${testInWords(lost)}.`,
    );
  const busy = failedTest(body, ready?.when);
  if (busy !== undefined)
    throw new GatewayError(
      'device_busy',
      `The device is not ready: ${testInWords(busy)} (${hex(body)} came).`,
    );
  const wrong = failedTest(body, valid);
  if (wrong !== undefined)
    throw new GatewayError('device_error', `${hex(body)} is not valid: ${testInWords(wrong)}.`);
}

/** The reply around a body: the far end's half of {@link unframe}, for simulated targets. */
export function framed(body: Uint8Array, frame: Frame, address: number): Uint8Array {
  const { check, write, envelope } = frame;
  const tests = [...(frame.configured ?? []), ...(frame.ready?.when ?? []), ...(frame.valid ?? [])];
  const passing = tests.length === 0 ? body : body.slice();
  makePass(passing, tests);
  const good = [...(frame.status ?? [])].find(([, word]) => word === STATUS_OK);
  const status = good === undefined ? [] : [good[0]];
  const inside = Uint8Array.from([...write.subarray(0, frame.echo ?? 0), ...status, ...passing]);
  return enveloped(inside, envelope, checkLength(check, frame.readLength), (covered) =>
    withChecksum(covered, check, { address, write }),
  );
}

const EMPTY_TAIL = 0xff;

/**
 * A known empty reply: AVR's Wire sends 00 then FF… when `onRequest` wrote nothing, and a released bus reads as FF.
 * One or two bytes can't be told from data and pass. All other bytes that a checksum proves are believed, zeros too;
 * these are not, even where their checksum holds (xor8 of FF FF FF is FF): one that holds for a silent bus as well
 * proves nothing.
 */
export function isEmptyReply(reply: Uint8Array): boolean {
  if (reply.length < 3) return false;
  const tail = reply.subarray(1).every((byte) => byte === EMPTY_TAIL);
  return tail && (reply[0] === EMPTY_TAIL || reply[0] === 0);
}
