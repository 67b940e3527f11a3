// One line of what happened, the same whether it comes from the logbook or just now.
import type { LogbookEntry } from '../../../../shared/logbook.js';
import type { Occasion, ReplyStatus } from '../../../../shared/messages.js';
import type { Happening } from '../live/model.js';

export const LINE_KINDS = ['command', 'event', 'log'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export interface Line {
  readonly kind: LineKind;
  /** Epoch ms. */
  readonly ts: number;
  readonly gateway: string;
  readonly device?: string;
  /** Of an event. */
  readonly bus?: string;
  /** Name of a command, type of an event, level of a log line. */
  readonly name: string;
  readonly text?: string;
  readonly hint?: string;
  readonly status?: ReplyStatus;
  readonly by?: string;
  readonly why?: Occasion;
  /** What the logbook and the page know alike. */
  readonly id?: string;
}

export function lineOfEntry(entry: LogbookEntry): Line {
  const { ts, gateway } = entry;
  if (entry.kind === 'event') {
    const { code, message, hint, bus, by } = entry.detail ?? {};
    const texts = [bus, code, message].filter((one) => typeof one === 'string');
    return {
      ...{ kind: 'event', ts, gateway, name: entry.name, text: texts.join(': ') },
      ...(typeof bus === 'string' ? { bus } : {}),
      ...(entry.device === undefined ? {} : { device: entry.device }),
      ...(typeof hint === 'string' ? { hint } : {}),
      ...(typeof by === 'string' ? { by } : {}),
    };
  }
  const { device, name, status, id, args, error, by, why } = entry;
  const given = args === undefined ? '' : JSON.stringify(args);
  const wrong = error === undefined ? '' : `${error.code} – ${error.message}`;
  const who = by === undefined ? undefined : by.user === undefined ? by.client : `${by.user} (${by.client})`;
  return {
    ...{ kind: 'command', ts, gateway, device, name, status, id },
    text: [given, wrong].filter(Boolean).join('  '),
    ...(who === undefined ? {} : { by: who }),
    ...(why === undefined ? {} : { why }),
  };
}

export function lineOfHappening(happening: Happening): Line {
  const { gateway } = happening;
  if (happening.kind === 'log') {
    const { ts, level, text } = happening;
    return { kind: 'log', ts, gateway, name: level, text };
  }
  if (happening.kind === 'event') {
    const { type, ts, device, bus, code, message, hint, by } = happening.event;
    return {
      ...{ kind: 'event', ts, gateway, name: type, text: [bus, code, message].filter(Boolean).join(': ') },
      ...(device === undefined ? {} : { device }),
      ...(bus === undefined ? {} : { bus }),
      ...(hint === undefined ? {} : { hint }),
      ...(by === undefined ? {} : { by }),
    };
  }
  const { device, name, reply } = happening;
  const { ts, id, status, error, by } = reply;
  return {
    ...{ kind: 'command', ts, gateway, device, name, status, id },
    ...(error === undefined ? {} : { text: `${error.code} – ${error.message}` }),
    ...(by === undefined ? {} : { why: by }),
  };
}

/** Both lists newest first, each thing once: the logbook knows more of it than the page. */
export function joined(live: readonly Line[], logbook: readonly Line[]): readonly Line[] {
  const known = new Set(logbook.map(keyOf));
  return [...live.filter((line) => !known.has(keyOf(line))), ...logbook].sort((a, b) => b.ts - a.ts);
}

/** The same for what is the same, from the logbook and live. */
export function keyOf({ kind, gateway, device, bus, name, ts, id, status }: Line): string {
  return kind === 'command'
    ? JSON.stringify([gateway, device, name, id, status])
    : JSON.stringify([kind, gateway, device, bus, name, ts]);
}
