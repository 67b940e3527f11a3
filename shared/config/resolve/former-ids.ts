// Ids that things had before they were renamed: each is one thing's alone, of all that there are now and that there were.
import type { ConfigPath } from '../problem.js';
import type { Report } from '../report.js';

export interface Named {
  readonly id: string;
  readonly was?: string;
  /** Where it is described. */
  readonly path: ConfigPath;
}

/** `all`: of one kind, within which an id is one thing's. */
export function reportFormerIds(all: readonly Named[], report: Report): void {
  const holders = new Map(all.map(({ id }) => [id, id]));
  for (const { id, was, path } of all) {
    if (was === undefined) continue;
    const holder = holders.get(was);
    if (was === id) report([...path, 'was'], 'is its id now; remove it');
    else if (holder !== undefined)
      report([...path, 'was'], `belongs to ${holder}; an id that was another's is not given again`);
    else holders.set(was, id);
  }
}
