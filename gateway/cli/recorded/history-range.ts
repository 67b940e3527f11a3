// What was typed of a range of the history, as the request that MQTT and HTTP know.
import { env, stderr } from 'node:process';
import { ofBothIds } from '../../../bridge/history/also-former.js';
import { History } from '../../../bridge/history/history.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import { LAST_MOMENT } from '../../../shared/moment.js';
import { toldFormer } from '../../left-behind/told-devices.js';
import { createLogger } from '../../logging/logger.js';
import { openRecorded } from '../../store/shell/open-recorded.js';
import { SystemClock } from '../../process/system-clock.js';

export interface RangeOptions {
  readonly gateway?: string;
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fields?: string;
  readonly data: string;
}

/** Gives `use` the history of the data folder, or of MongoDB where that is the store; a gateway may run or not. */
export async function withHistory<T>(dataDir: string, use: (history: History) => Promise<T>): Promise<T> {
  const clock = new SystemClock();
  const { log } = await createLogger({ level: 'warn', clock, output: stderr, style: 'words' });
  const mongodbUri = env['MONGODB_URI'];
  const recorded = await openRecorded({
    dataDir,
    log,
    clock,
    ...(mongodbUri === undefined ? {} : { mongodbUri }),
  });
  try {
    const both = ofBothIds(recorded.outbox, recorded.store, await toldFormer(dataDir));
    return await use(new History(...both, clock));
  } finally {
    await recorded.close();
  }
}

/** Whether there is a sample of any time; true where MongoDB, which may have one, does not answer. */
export async function wasEverRecorded(history: History, device: string): Promise<boolean> {
  const answer = await history.answer({ device, from: 0, to: LAST_MOMENT, limit: 1 });
  return answer.missing !== undefined || !('samples' in answer) || answer.samples.length > 0;
}

/** Times as they were typed: the request knows how to read them. */
export function requestOf(
  device: string,
  { gateway, last, from, to, fields }: RangeOptions,
): Record<string, unknown> {
  return {
    device,
    ...(gateway === undefined ? {} : { gateway }),
    ...(last === undefined ? {} : { last }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(fields === undefined ? {} : { fields: fields.split(',') }),
  };
}

/** The same limits as over MQTT; what was typed is the mistake, not a payload. */
export async function typed<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asGatewayError(thrown);
    if (error.code !== 'bad_payload') throw error;
    throw new GatewayError('bad_argument', error.message, { cause: thrown });
  }
}

/** In words; `otherwise` is how far back it is without a word. */
export function spanOf(
  { last, from, to }: Pick<RangeOptions, 'last' | 'from' | 'to'>,
  otherwise: string,
): string {
  return from === undefined && to === undefined ? `the last ${last ?? otherwise}` : 'this range';
}
