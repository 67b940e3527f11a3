// What somebody has chosen and typed of a device that is to be added, and what of it is asked of the gateway.
import type { Texts } from '../words/english.js';

/** Where it answers, as a look at the bus tells it. */
export interface Place {
  readonly bus: string;
  readonly address: string;
  readonly behind?: { readonly mux: string; readonly channel: number };
}

export interface Draft {
  /** `chip bme280` or `type lamp`; empty as long as nothing is chosen. */
  readonly kind: string;
  readonly id: string;
  readonly label: string;
}

export type Order = Readonly<Record<string, unknown>>;

const ID = /^[a-z0-9_-]{1,64}$/;

export function kindOf(kind: string): { readonly of: 'chip' | 'type'; readonly name: string } {
  const [of, name = ''] = kind.split(' ');
  return { of: of === 'chip' ? 'chip' : 'type', name };
}

/** `lamp-1`, or the next that is free. */
export function freeId(name: string, taken: readonly string[]): string {
  if (name === '') return '';
  let number = 1;
  while (taken.includes(`${name}-${String(number)}`)) number += 1;
  return `${name}-${String(number)}`;
}

/** Why nothing is asked; the gateway looks at the rest. */
export function faultOf(
  { kind, id }: Draft,
  taken: readonly string[],
  texts: Texts['adding'],
): string | undefined {
  if (kind === '') return texts.noKind;
  if (!ID.test(id)) return texts.badId;
  return taken.includes(id) ? texts.takenId : undefined;
}

export function orderOf({ kind, id, label }: Draft, place: Place): Order {
  const { of, name } = kindOf(kind);
  return { device: id, ...place, [of]: name, ...(label.trim() === '' ? {} : { label: label.trim() }) };
}
