// One look at the machine, with a limit: a disk or a server that hangs must not keep the others from being told.
import { asGatewayError } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';
import { within } from '../../shared/within.js';
import { fail, type Finding } from './finding.js';

/** More than the servers are given to answer. */
const MOST_MS = 10_000;

export type Look = () => Promise<Finding | readonly Finding[]>;

/** Whatever hangs or throws costs only itself. */
export async function bounded(check: string, clock: Clock, look: Look): Promise<readonly Finding[]> {
  let findings: readonly Finding[] = [
    fail(
      check,
      `no answer within ${String(MOST_MS / 1000)} s`,
      'something hangs: a disk, a network drive, a server?',
    ),
  ];
  const work = async (): Promise<void> => {
    try {
      findings = [await look()].flat();
    } catch (thrown) {
      findings = [fail(check, asGatewayError(thrown).message, 'mend what it says, and look again')];
    }
  };
  await within(work(), MOST_MS, clock);
  return findings;
}
