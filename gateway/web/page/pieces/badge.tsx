// The word for how a device does, with its colour and a mark of its own shape.
import type { JSX } from 'preact';
import type { Condition } from './condition.js';

const MARKS: Readonly<Record<Condition, string>> = {
  online: '●',
  degraded: '▲',
  offline: '■',
  paused: '❚❚',
  unknown: '○',
  away: '■',
};

export function Badge({
  condition,
  text,
}: {
  readonly condition: Condition;
  readonly text: string;
}): JSX.Element {
  return (
    <span class={`badge ${condition}`}>
      <span aria-hidden="true">{MARKS[condition]}</span>
      <span class="badge-word">{text}</span>
    </span>
  );
}
