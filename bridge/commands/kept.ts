// What the journal keeps of a command, to run it or to answer it in another process: written and read here alone.
import type { ArgumentValues } from '../../shared/codec/write/spec.js';
import type { AnswerPlace } from '../../shared/ports.js';
import type { Sender } from '../../shared/messages.js';
import type { Value } from '../../shared/sample.js';
import type { CommandPayload } from './payload.js';

export interface KeptCommand {
  readonly args?: Readonly<Record<string, Value>>;
  readonly expires?: number;
  readonly for?: string;
  readonly by?: Sender;
  readonly answerTo?: KeptPlace;
}

type KeptPlace = Omit<AnswerPlace, 'correlationData'> & { readonly correlationBase64?: string };

/** What tells whether two commands would do the same: their arguments, whatever their order, and how long it lasts. */
export function askedText(args: ArgumentValues, forMs: number | undefined): string {
  const sorted = [...args].sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([sorted, forMs ?? null]);
}

export function keptText(
  payload: CommandPayload,
  args: ArgumentValues,
  { by, answerTo }: { readonly by?: Sender | undefined; readonly answerTo?: AnswerPlace | undefined },
): string {
  const kept: KeptCommand = {
    args: Object.fromEntries(args),
    ...(payload.expires === undefined ? {} : { expires: payload.expires }),
    ...(payload.for === undefined ? {} : { for: payload.for }),
    ...(by === undefined ? {} : { by }),
    ...(answerTo === undefined ? {} : { answerTo: keptPlace(answerTo) }),
  };
  return JSON.stringify(kept);
}

function keptPlace({ correlationData, ...place }: AnswerPlace): KeptPlace {
  if (correlationData === undefined) return place;
  return { ...place, correlationBase64: Buffer.from(correlationData).toString('base64') };
}

export function placeOf(kept: KeptPlace | undefined): AnswerPlace | undefined {
  if (kept === undefined) return undefined;
  const { correlationBase64, ...place } = kept;
  if (correlationBase64 === undefined) return place;
  return { ...place, correlationData: Buffer.from(correlationBase64, 'base64') };
}

/** Undefined where the file is damaged there: the command is answered all the same. */
export function parseKept(body: string): KeptCommand | undefined {
  try {
    return JSON.parse(body) as KeptCommand;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
