// Which lines of what happened are shown.
import type { Line, LineKind } from '../pieces/line.js';

export interface LineSieve {
  readonly kind: LineKind | '';
  /** A device with its gateway; empty: all. */
  readonly device: string;
  readonly search: string;
}

export function siftLines(lines: readonly Line[], { kind, device, search }: LineSieve): readonly Line[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => {
    if (kind !== '' && line.kind !== kind) return false;
    if (device !== '' && `${line.gateway}/${line.device ?? ''}` !== device) return false;
    const text = [line.device, line.name, line.text, line.by, line.status].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
