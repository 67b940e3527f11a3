// What `watch` shows of a device: as rows of its table, and as the line of one reading.
import type { ListedDevice } from '../../control/device-handlers.js';
import type { Cell } from '../print/columns.js';
import type { Colour } from '../print/paint.js';
import { printable } from '../print/printable.js';

const COLOURS = { online: 'green', degraded: 'yellow', offline: 'red' } as const satisfies Record<
  string,
  Colour
>;

export const HEADER: readonly Cell[] = ['device', 'on the bus', 'read at', 'field', 'value'].map((text) => ({
  text,
  colour: 'bold',
}));

/** One row a field; what is said of the device stands in the first. */
export function rowsOf(device: ListedDevice): readonly (readonly Cell[])[] {
  const { id, availability, state, meta } = device;
  const names = Object.keys(meta.fields);
  const who: readonly Cell[] = [
    id,
    availability === null ? 'not known' : { text: availability.state, colour: COLOURS[availability.state] },
    state === null ? '' : new Date(state.ts).toISOString().slice(11, 19),
  ];
  if (names.length === 0) return [who];
  return names.map((name, index) => [...(index === 0 ? who : ['', '', '']), name, valueOf(device, name)]);
}

/** `2026-11-22T23:14:05.120Z  tank-1  online  level 12 mm  pump 0 %` */
export function lineOf(device: ListedDevice): string {
  const { id, availability, state, meta } = device;
  const values = Object.keys(meta.fields)
    .filter((name) => state?.values[name] !== undefined)
    .map((name) => `${name} ${textOf(valueOf(device, name))}`);
  const ts = state?.ts ?? availability?.since;
  return [
    ts === undefined ? '-' : new Date(ts).toISOString(),
    id,
    availability?.state ?? 'not known',
    ...values,
  ]
    .map(printable)
    .join('  ');
}

function valueOf({ state, meta }: ListedDevice, name: string): Cell {
  const value = state?.values[name];
  if (value === undefined) return '';
  if (value === null) return { text: state?.errors?.[name] ?? 'null', colour: 'red' };
  const unit = meta.fields[name]?.unit;
  return unit === undefined ? String(value) : `${String(value)} ${unit}`;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
