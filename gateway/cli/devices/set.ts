// `set`: a command to a device of the gateway that runs, and its answer.
import { stderr, stdout } from 'node:process';
import { meantOrListed } from '../../../bridge/requests/unknown-device.js';
import { defined } from '../../../shared/config/defined.js';
import { GatewayError } from '../../../shared/errors.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import { paintFor } from '../print/paint.js';
import { printable } from '../print/printable.js';
import { askRunning, listedDevices, oneOf } from './running.js';
import { sentenceOf } from './sentence.js';
import { typedArguments, type CommandMeta } from './typed-arguments.js';

export interface SetOptions {
  readonly for?: string;
  readonly id?: string;
  readonly data: string;
  readonly json?: boolean;
}

/** Gives the exit code: 0 when it is done. Rejects where nothing could be sent. */
export async function set(
  device: string,
  command: string,
  words: readonly string[],
  { for: duration, id, data, json }: SetOptions,
): Promise<number> {
  const { commands } = oneOf(await listedDevices(data), device).meta;
  const meta = commandOf(device, commands, command);
  const args = typedArguments(command, meta, words);
  const payload = defined({ id, args, for: duration });
  const reply = (await askRunning(data, 'command', { device, command, payload })) as ReplyMessage;
  const isDone = reply.status === 'done';
  const out = json === true || isDone ? stdout : stderr;
  const text =
    json === true
      ? printable(JSON.stringify(reply))
      : sentenceOf(device, command, harmless(reply), meta, paintFor(out));
  out.write(`${text}\n`);
  return isDone ? 0 : 1;
}

function commandOf(
  device: string,
  commands: Readonly<Record<string, CommandMeta>>,
  name: string,
): CommandMeta {
  const meta = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (meta !== undefined) return meta;
  const what = `${device} has no command ${name.slice(0, 64)}.`;
  throw new GatewayError('unknown_command', `${what} ${meantOrListed(name, Object.keys(commands))}`);
}

/** A repeated answer is what the journal kept. */
function harmless(reply: ReplyMessage): ReplyMessage {
  const { error } = reply;
  return error === undefined ? reply : { ...reply, error: { ...error, message: printable(error.message) } };
}
