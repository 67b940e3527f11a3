// The unit's file in its place: written whole, and one that is another is kept aside.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../shared/errors.js';
import { isThere, UNIT_FILE, type Host } from './host.js';
import type { Step } from './step.js';
import { whyOf } from '../process/why.js';

export type FoundUnit = 'none' | 'same' | 'another';

/** Rejects with service_failed where it is there and can't be read. */
export async function findUnit(host: Host, text: string): Promise<FoundUnit> {
  if (!(await isThere(host, UNIT_FILE))) return 'none';
  return attempt('read', async () =>
    (await readFile(join(host.root, UNIT_FILE), 'utf8')) === text ? 'same' : 'another',
  );
}

export async function unitSteps(host: Host, text: string, found: FoundUnit): Promise<Step[]> {
  const file = join(host.root, UNIT_FILE);
  const write: Step = {
    says: `write ${UNIT_FILE}`,
    run: () =>
      attempt('write', async () => {
        // Without the end .service systemd does not look at it.
        await writeFile(`${file}.new`, text, { mode: 0o644 });
        await rename(`${file}.new`, file);
      }),
  };
  if (found === 'same') return [];
  if (found === 'none') return [write];
  const aside = await freeName(host);
  const keep: Step = {
    says: `keep the unit that is there, which is another, as ${aside}`,
    run: () => attempt('rename', () => rename(file, join(host.root, aside))),
  };
  return [keep, write];
}

export function removeUnit(host: Host): Step {
  return {
    says: `rm ${UNIT_FILE}`,
    run: () => attempt('delete', () => rm(join(host.root, UNIT_FILE), { force: true })),
  };
}

async function freeName(host: Host): Promise<string> {
  let name = `${UNIT_FILE}.old`;
  for (let count = 2; await isThere(host, name); count += 1) name = `${UNIT_FILE}.old-${String(count)}`;
  return name;
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new GatewayError('service_failed', `Can't ${what} ${UNIT_FILE}: ${whyOf(cause)}.`, { cause });
  }
}
