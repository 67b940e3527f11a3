// The one closed list of error codes. Code acts on the code, people read the sentence, `cause` keeps the original.

/** Every code the gateway can report, with the sentence docs/errors.md prints for it: what it means and what to do. */
export const ERROR_CODES = {
  no_ack: 'No device acknowledged the address. Check power, wiring and the address of the device.',
  timeout:
    'The transaction did not end in time. The bus stays taken until it really has; look for a target that stretches the clock.',
  bus_fault: 'The bus failed in the middle of a transaction. Check pull-ups, cable length and noise.',
  bus_unavailable:
    'The bus cannot be opened. Check its path, the permission on it, and that i2c-bus is installed; or start with --simulate.',
  address_claimed:
    'A driver of the Linux kernel holds this address. Release it as the message says, or give the device another address.',
  unsupported:
    'The bus or its driver cannot do such a transaction. The message says what to do instead, such as repeated_start: false.',
  queue_full: 'Too much is waiting for the bus. Send fewer commands or poll less often.',
  overdue:
    'It waited too long for its turn on the bus and was not run. The bus is overloaded or a target hangs it.',
  closed: 'The part is stopping or stopped. Try again when the status topic says online.',
  too_large:
    'A transaction, payload, argument or answer is over its limit. Send less at once, or ask for less: a shorter range, fewer fields, pages.',
  checksum: 'The reply arrived with a wrong checksum and is not believed. Check wiring and clock stretching.',
  wrong_echo:
    'The reply does not begin with the bytes that were written. It belongs to another question; check rest and the firmware.',
  wrong_frame:
    'The reply has not the start, length or end that its frame describes and is not believed. Check rest, delay and the firmware.',
  device_busy: 'The device answered that it is busy. Read less often, or give it more time.',
  device_error: 'The device answered with a status that is not ok. The log has the status and its name.',
  empty_reply:
    'The device answered with the bytes of a target that had nothing to say (all FF, or 00 FF FF…).',
  short_reply: 'Fewer bytes arrived than the description reads. Check read and the firmware.',
  out_of_range: 'The value lies outside the min and max of its field and is not believed.',
  implausible_step:
    'The value jumped by more than max_step and is not believed until a second reading agrees with it.',
  stale:
    'A counter that should move stands still: the bus works, but the firmware repeats itself. Look at the firmware.',
  not_a_number: 'The bytes are not a finite number.',
  not_text: 'The bytes are not ASCII text.',
  not_valid:
    'The device marks this field as not valid; the description says by which bits of another one. Of a command: what it is computed of is not known.',
  set_up_lost:
    'The device has lost its set-up, as after a reset, and is not believed; on_connect is written again. Look at its power.',
  no_value: 'The device says that it has no value for this field, by a number listed under none.',
  unknown_value:
    'The number has no name in the description of its field. Add it to names, or check the firmware.',
  wrong_identity:
    'Another device than the described one answers at this address. Check which Arduino is plugged in where.',
  gateway_stopped:
    'The gateway was stopped or killed, and nobody has asked the device since. Start the gateway.',
  bad_json:
    'The payload is not JSON. Send a JSON object, a bare scalar for one argument, or nothing for none.',
  bad_payload:
    'The payload is JSON of the wrong shape. The message names the place and what is expected there.',
  unknown_device: 'No device of this id is configured. The retained device/+/meta topics list them.',
  unknown_command: 'The device has no command of this name. Its meta topic lists them.',
  unknown_alarm: 'The device has no alarm of this id. Its retained topics below alarm/ list them.',
  unknown_request: 'There is no such request. docs/requests.md lists them.',
  missing_argument: 'A required argument is missing. The meta topic has the argument schema.',
  unknown_argument: 'The command takes no argument of this name.',
  bad_argument: 'An argument has the wrong type or lies outside its limits.',
  expired: 'The command arrived or reached the bus after its expires time and was not run.',
  retained_command:
    'Commands must not be retained: they would run again at every restart. Publish without the retain flag.',
  reused_id:
    'This id was given to another command, or with other arguments, within commands.repeat_within. Give each command an id of its own, or none.',
  restarted:
    'The gateway was restarted before this command had begun, and it was not run. Send it again, or set commands.after_restart to run.',
  verify_failed: 'The command was written, but reading back did not show it. The device may not have acted.',
  interrupted:
    'The gateway ended while this command was running; whether the device acted is unknown. It is not run again.',
  forbidden: 'This user may not do that.',
  config_unreadable: 'The configuration file cannot be read. Check the path and its permissions.',
  config_invalid: 'The configuration has mistakes; each is listed with its path and line.',
  address_in_use: 'The port is taken by another program. Choose another port or stop that program.',
  listen_failed: 'The port cannot be opened. Check host and port in the configuration.',
  data_in_use: 'Another gateway runs on the same data folder. Stop it, or give each its own --data folder.',
  data_unwritable: 'The data folder cannot be written. Check its path, permissions and free space.',
  broker_unreachable:
    'The outside MQTT broker cannot be reached or refuses the connection. Check --mqtt and its credentials.',
  store_full: 'The disk or the outbox is full. Free space; nothing was acknowledged that is not on disk.',
  store_failed: 'The local store failed. The cause says why.',
  store_unreachable:
    'MongoDB cannot be reached. Samples wait in the outbox and are delivered when it is back.',
  store_refused:
    'MongoDB refuses the gateway (credentials, rights or quota). Samples wait in the outbox; check MONGODB_URI.',
  sqlite_missing:
    'No SQLite is available. Use Node 22.13 or newer, or let npm install the optional better-sqlite3.',
  service_failed:
    'The service could not be installed or removed. The sentence says which step failed, and why.',
  internal: 'Something that should not happen did. The log has the details; please report it.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of what never came to the wire, where nothing else is said. */
const NEVER_RAN: ReadonlySet<ErrorCode> = new Set([
  'queue_full',
  'closed',
  'overdue',
  'too_large',
  'expired',
]);

/** What goes on the wire of an error: in replies and responses (docs/topics.md). */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
}

export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  /** The bytes that are not believed, where it was bytes. */
  readonly seen?: Uint8Array;
  readonly #untried: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly seen?: Uint8Array; readonly untried?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.#untried = options.untried ?? NEVER_RAN.has(code);
    if (options.seen !== undefined) this.seen = options.seen;
  }

  /** Nothing of the transaction came to the wire. No property, so not in each log line. */
  get untried(): boolean {
    return this.#untried;
  }

  /** The same of a transaction of which nothing came to the wire. */
  asUntried(): GatewayError {
    return this.#untried ? this : new GatewayError(this.code, this.message, { cause: this, untried: true });
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message };
  }
}

/** Any thrown thing as a GatewayError: itself, or wrapped under `code` with itself as the cause. */
export function asGatewayError(thrown: unknown, code: ErrorCode = 'internal'): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatewayError(code, message, { cause: thrown });
}
