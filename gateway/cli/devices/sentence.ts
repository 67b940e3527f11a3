// A command's answer as a sentence.
import type { ReplyMessage } from '../../../shared/messages.js';
import type { Paint } from '../print/paint.js';
import type { CommandMeta } from './typed-arguments.js';

/** `lamp-1: dim is done (level 128), after 12 ms.` */
export function sentenceOf(
  device: string,
  command: string,
  reply: ReplyMessage,
  meta: CommandMeta,
  paint: Paint,
): string {
  const { status, error, repeated, ts, ms } = reply;
  const why = error === undefined ? '' : ` ${error.code}: ${error.message}`;
  const who = `${device}: ${command}`;
  const first = repeated === true ? `, ${new Date(ts).toISOString()}, for this id; it is not run again` : '';
  switch (status) {
    case 'done': {
      const set = argumentsSet(reply, meta);
      if (repeated === true) return `${who} ${paint('was done', 'green')}${set}${first}.`;
      return `${who} ${paint('is done', 'green')}${set}, after ${String(ms)} ms.`;
    }
    case 'failed':
      if (repeated === true) return `${who} ${paint('failed', 'red')}${first}.${why}`;
      return `${who} ${paint('failed', 'red')} after ${String(ms)} ms.${why}`;
    case 'rejected':
      return `${who} ${paint('was not run', 'yellow')}.${why}`;
    case 'expired':
      return `${who} ${paint('came too late', 'yellow')} and was not run.${why}`;
  }
}

function argumentsSet({ data = {} }: ReplyMessage, { args }: CommandMeta): string {
  const parts = Object.entries(data).map(([name, value]) => {
    const unit = args[name]?.unit;
    return `${name} ${String(value)}${unit === undefined ? '' : ` ${unit}`}`;
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
