// The parts of the documentation that are made from the code, and where they stand: between
// `<!-- generated: NAME -->` and `<!-- to here -->`.
import { errorTable } from './tables/errors.js';
import { metricTable } from './tables/metrics.js';
import { keyTable, settingsTable } from './tables/settings.js';
import { shellCommandTable, shellOptionTable } from './tables/shell.js';
import { topicTable } from './tables/topics.js';

export const GENERATED: ReadonlyMap<string, () => string> = new Map([
  ['errors', errorTable],
  ['topics', topicTable],
  ['metrics', metricTable],
  ['shell commands', shellCommandTable],
  ['shell options', shellOptionTable],
  ['settings', settingsTable],
  ...(
    [
      'buses',
      'devices',
      'types',
      'samples',
      'question',
      'steps',
      'bits',
      'check',
      'fields',
      'commands',
      'alarms',
      'webhooks',
    ] as const
  ).map((section): [string, () => string] => [`keys of ${section}`, () => keyTable(section)]),
]);

const PART = /(<!-- generated: ([^>]+) -->\n)[\s\S]*?(<!-- to here -->)/g;

/** The page with its generated parts made anew. */
export function fill(page: string): string {
  return page.replace(PART, (_, begin: string, name: string, end: string) => {
    const make = GENERATED.get(name);
    if (make === undefined) throw new Error(`nothing is generated under the name "${name}"`);
    return `${begin}\n${make()}\n\n${end}`;
  });
}

export function generatedParts(page: string): string[] {
  return [...page.matchAll(PART)].map(([, , name]) => name ?? '');
}
