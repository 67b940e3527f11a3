// From a fault and its bytes to what is probably wrong, in words: what somebody who knows these faults would say.
import type { ErrorCode } from '../../shared/errors.js';

export interface Circumstances {
  /** The device's bus is the Raspberry Pi's own controller, which corrupts bytes when a target stretches the clock. */
  readonly breaksStretching: boolean;
}

/** AVR's Wire acknowledges 32 bytes; the 34th leaves it deaf until it is reset (tests/firmware shows it). */
const NO_ACK =
  'Nobody answers at this address: another address in the sketch, no power, SDA and SCL swapped, in reset, or deaf until its next reset, as AVR’s Wire is after a write of more than 32 bytes.';

/** The controller of the Pi 1 to 4 and Zero: https://github.com/raspberrypi/linux/issues/254 and 4884. */
const BROKEN_STRETCHING =
  'This Raspberry Pi’s I²C controller corrupts bytes when a target stretches the clock, as every AVR does: use dtoverlay=i2c-gpio, which has no such fault, or a slower clock.';

const BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  no_ack: NO_ACK,
  timeout:
    'Something holds the clock: a sketch that does too much in onReceive or onRequest, one that hangs, or a line without pull-up.',
  bus_fault: 'The lines were not as they were driven: pull-ups, cable length, noise, or a second controller.',
  wrong_identity: 'Arduinos may have been exchanged, or one was flashed with another sketch.',
  checksum: 'Bytes changed on the way: noise, a long cable, weak pull-ups. A slower clock helps.',
  wrong_frame:
    'What arrives is no frame of this protocol: a longer rest or delay, or read is not as long as a frame is.',
  short_reply:
    'A frame that ends early: read, or the length that the sketch sends, is not that of the fields.',
  device_error: 'The device itself says that something is wrong: look at what its sensor is wired to.',
  set_up_lost:
    'It was reset, or had no power for a moment: look at its supply, and at what else draws from it.',
  wrong_echo: 'It answers an earlier question: the sketch needs a longer rest or delay.',
  device_busy: 'It is asked before it is ready: a longer delay, or every.',
  stale: 'The I²C interrupt still answers but loop() stands still: look there, and switch the watchdog on.',
  verify_failed: 'The sketch may need longer to act: a longer after. Or another write came in between.',
  out_of_range: 'If it is not the sensor: at, type and byte order may not be those of the sketch.',
  implausible_step:
    'Single wrong readings: bytes changed on the way, or the sketch is read while it updates them.',
};

/** What a controller that corrupts bytes shows as. */
const CORRUPTED: ReadonlySet<ErrorCode> = new Set([
  'checksum',
  'wrong_echo',
  'wrong_frame',
  'device_error',
  'wrong_identity',
  'verify_failed',
  'out_of_range',
  'implausible_step',
]);

/** Undefined where there is nothing to say beyond the code's own sentence. */
export function hintFor(
  code: ErrorCode,
  seen: Uint8Array | undefined,
  { breaksStretching }: Circumstances,
): string | undefined {
  const ofBytes = seen === undefined ? undefined : hintOfBytes(seen);
  if (ofBytes !== undefined) return ofBytes;
  return breaksStretching && CORRUPTED.has(code) ? BROKEN_STRETCHING : BY_CODE[code];
}

/** Fewer could be data. */
const TELLING_BYTES = 2;

function hintOfBytes(seen: Uint8Array): string | undefined {
  if (seen.length < TELLING_BYTES) return undefined;
  const ends = seen.length - 1 - seen.findLastIndex((byte) => byte !== 0xff);
  if (ends === seen.length)
    return 'All FF: nobody drove the line. More is read than the sketch sends, or it had left the bus.';
  if (ends === seen.length - 1 && seen[0] === 0)
    return '00 FF…: onRequest wrote nothing. The sketch does not know what was asked, or was not asked in time.';
  if (ends >= TELLING_BYTES)
    return `The last ${String(ends)} bytes are FF: read asks for more than the sketch sends.`;
  if (seen.every((byte) => byte === 0))
    return 'All 00: the sketch sends an empty buffer, or SDA is held low.';
  return undefined;
}
