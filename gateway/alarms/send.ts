// One attempt to tell a webhook: a request over HTTP, given up in time. Its answer is looked at no further than its status.
import type { Notice, SendNotice } from '../../bridge/alarms/notices.js';
import type { WebhookSpec } from '../../shared/alarms/spec.js';
import { GatewayError } from '../../shared/errors.js';
import { whyOf } from '../process/why.js';
import { rendered } from './rendered.js';

/** The request itself is wrong, and will be the next time. All others may pass, such as a login that is put right over there. */
const FOR_GOOD: ReadonlySet<number> = new Set([400, 405, 406, 411, 413, 414, 415, 422, 431]);

export function webhookSender(env: Readonly<Record<string, string | undefined>>): SendNotice {
  return async (webhook, notice, signal) => {
    const status = await statusOf(webhook, notice, env, signal);
    if (status >= 200 && status < 300) return;
    const answer = `${hostOf(webhook)} answered with the status ${String(status)}.`;
    throw new GatewayError(FOR_GOOD.has(status) ? 'bad_payload' : 'closed', answer);
  };
}

/** The address itself may hold a secret, and is told nobody. */
async function statusOf(
  webhook: WebhookSpec,
  notice: Notice,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<number> {
  const { url, ...request } = rendered(webhook, notice, env);
  const timeUp = AbortSignal.timeout(webhook.timeoutMs);
  try {
    const response = await fetch(url, {
      ...request,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeUp]),
    });
    await response.body?.cancel();
    return response.status;
  } catch (cause) {
    const why = timeUp.aborted ? `no answer within ${String(webhook.timeoutMs)} ms` : reasonOf(cause);
    throw new GatewayError('closed', `${hostOf(webhook)} cannot be reached: ${why}.`, { cause });
  }
}

/** fetch says only that it failed, and why in its cause; without one its own words repeat what was asked, secrets and all. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error && thrown.cause !== undefined) return whyOf(thrown.cause);
  return 'its address or a header is none';
}

function hostOf({ url }: WebhookSpec): string {
  return /^https?:\/\/(?:[^/@]*@)?([^/?#]*)/i.exec(url)?.[1] ?? 'the webhook';
}
