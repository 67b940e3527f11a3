// request/reload: the configuration's file is to be taken up now.
import { z } from 'zod';
import { payloadOf } from '../../bridge/payload/explain.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import { GatewayError } from '../../shared/errors.js';
import type { Reloader } from './reloader.js';

export const reloadRequest = z.strictObject({});

/** `{}` → the difference. Rejects with bad_payload, config_unreadable or config_invalid. */
export function reloadHandler(reloader: () => Pick<Reloader, 'reload'> | undefined): RequestHandler {
  return async (data) => {
    payloadOf(reloadRequest, data);
    const found = reloader();
    if (found === undefined) throw new GatewayError('unsupported', 'This gateway has no configuration file.');
    return found.reload();
  };
}
