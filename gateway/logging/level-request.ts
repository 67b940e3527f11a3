// request/log_level: how much is logged, changed while the gateway runs.
import { z } from 'zod';
import { explain } from '../../bridge/payload/explain.js';
import { GatewayError } from '../../shared/errors.js';
import { LOG_LEVELS, type LogLevel } from '../../shared/topics.js';
import { fit } from '../../shared/config/fit.js';
import type { Logger } from './logger.js';

export const levelRequest = z.strictObject({ level: z.enum(LOG_LEVELS).optional() });

/** `{level}` sets it, `{}` asks for it. Answers with the level in force. Throws bad_payload. */
export function logLevelHandler(logger: Logger): (data: unknown) => Promise<{ readonly level: LogLevel }> {
  return (data) => {
    const parsed = fit(levelRequest, data);
    if (!parsed.success) {
      const form = `Expected {"level"} with one of ${LOG_LEVELS.join(', ')}`;
      return Promise.reject(new GatewayError('bad_payload', `${form}: ${explain(parsed.problems)}`));
    }
    const { level } = parsed.data;
    if (level !== undefined) {
      logger.setLevel(level);
      logger.log.info({ level }, 'log level changed by request');
    }
    return Promise.resolve({ level: logger.level });
  };
}
