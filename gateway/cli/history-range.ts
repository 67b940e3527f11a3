// What was typed of a range of the history, as the request that MQTT and HTTP know.
import { env, stderr } from 'node:process';
import { History } from '../../bridge/history.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { createLogger } from '../logging/logger.js';
import { openRecorded } from '../store/open-recorded.js';
import { SystemClock } from '../system-clock.js';

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
  const { log } = await createLogger({ level: 'warn', clock, output: stderr, pretty: true });
  const mongodbUri = env['MONGODB_URI'];
  const recorded = await openRecorded({ dataDir, log, ...(mongodbUri === undefined ? {} : { mongodbUri }) });
  try {
    return await use(new History(recorded.outbox, recorded.store, clock));
  } finally {
    await recorded.close();
  }
}

/** Throws bad_argument. */
export function requestOf(
  device: string,
  { gateway, last, from, to, fields }: RangeOptions,
): Record<string, unknown> {
  return {
    device,
    ...(gateway === undefined ? {} : { gateway }),
    ...(last === undefined ? {} : { last }),
    ...(from === undefined ? {} : { from: momentOf('--from', from) }),
    ...(to === undefined ? {} : { to: momentOf('--to', to) }),
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

function momentOf(option: string, text: string): number {
  const ts = /^\d{5,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ts)) return ts;
  throw new GatewayError('bad_argument', `${option} is a time such as 2026-11-22T23:14:05Z, not ${text}.`);
}
