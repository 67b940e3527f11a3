// Commits an hour apart spare flash, and cost neither a command its time nor a stop its order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplyMessage } from '../../../shared/messages.js';
import { startGateway } from '../../support/gateway-process.js';

test('with commit_every: 1h a command with a safe end is done, answered and ended safely, and the stop is in order', async (t) => {
  const gateway = await startGateway(t, {
    change: (config) => {
      config['recorder'] = { commit_every: '1h' };
      for (const type of Object.values(config.types)) delete type.simulate;
    },
  });
  const url = `${gateway.pageUrl}api/device/tank-1/command/pump`;
  const send = async (body: string): Promise<ReplyMessage> =>
    (await (await fetch(url, { method: 'POST', body })).json()) as ReplyMessage;
  for (const id of ['first', 'second']) {
    const { status, error } = await send(JSON.stringify({ id, args: { speed: 80 }, for: '5m' }));
    assert.equal(status, 'done', error?.message);
  }
  // Samples wait for their commit by now, and so for their acknowledgement.
  assert.equal(await gateway.end('SIGTERM'), 0, gateway.output());
});
