// HTTP's words for our errors and for what became of a command.
import type { ErrorCode } from '../../shared/errors.js';
import type { ReplyMessage } from '../../shared/messages.js';

/** All others are 422: understood, and refused. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  unknown_device: 404,
  unknown_command: 404,
  unknown_alarm: 404,
  unknown_request: 404,
  bad_json: 400,
  bad_payload: 400,
  reused_id: 409,
  too_large: 413,
  forbidden: 403,
  queue_full: 503,
  closed: 503,
  store_failed: 503,
  store_unreachable: 503,
  store_refused: 503,
  internal: 500,
};

export function statusOfError(code: ErrorCode): number {
  return STATUS[code] ?? 422;
}

/** 200: done. 502: the device did not do it. Else why it was not tried. */
export function statusOfReply({ status, error }: ReplyMessage): number {
  if (status === 'done') return 200;
  if (status === 'failed') return 502;
  return error === undefined ? 422 : statusOfError(error.code);
}
