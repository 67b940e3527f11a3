// A command with its answer, as the logbook is given it.
import type { ReplyMessage, Sender } from '../../shared/messages.js';
import type { Value } from '../../shared/sample.js';

export interface AnsweredCommand {
  readonly device: string;
  readonly name: string;
  /** Absent where they were not even checked. */
  readonly args?: Readonly<Record<string, Value>>;
  /** Who asked; absent where an outside broker does not tell. */
  readonly by?: Sender;
  readonly reply: ReplyMessage;
}

/** `command` may hold more than is kept of it. */
export function answered(
  { device, name, args, by }: Omit<AnsweredCommand, 'by' | 'reply'> & { readonly by: Sender | undefined },
  reply: ReplyMessage,
): AnsweredCommand {
  return {
    device,
    name,
    ...(args === undefined ? {} : { args }),
    ...(by === undefined ? {} : { by }),
    reply,
  };
}
