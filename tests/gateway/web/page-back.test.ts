// The page when what was away is back: it knows who left, what happened meanwhile, and comes up by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '../../../shared/messages.js';
import type { ApiActions } from '../../../gateway/web/routes.js';
import { openBrowser, withoutChromium } from '../../support/browser/chromium.js';
import { TOPICS } from '../../support/mqtt/embedded-broker.js';
import { startProxy } from '../../support/tcp-proxy.js';
import { startWeb, type TestWeb } from '../../support/web-server.js';

async function sayDevice({ broker }: TestWeb, device: string): Promise<void> {
  const say = (topic: string, payload: object): Promise<void> =>
    broker.bus.publish({ topic, payload: encodeJson(payload), qos: 1, retain: true });
  await say(TOPICS.meta(device), { label: device, fields: {}, commands: {} });
  await say(TOPICS.availability(device), { state: 'online', since: 1, reason: null });
}

async function forget({ broker }: TestWeb, device: string): Promise<void> {
  for (const topic of [TOPICS.meta(device), TOPICS.availability(device)])
    await broker.bus.publish({ topic, payload: new Uint8Array(), qos: 1, retain: true });
}

async function sayList({ broker }: TestWeb, devices: readonly string[]): Promise<void> {
  await broker.bus.publish({ topic: TOPICS.info, payload: encodeJson({ devices }), qos: 1, retain: true });
}

const never = (): Promise<never> => Promise.reject(new Error('not asked'));

void test(
  'who left and what happened while the connection was away is seen when it is back',
  { skip: withoutChromium },
  async (t) => {
    const entries = [{ kind: 'event', ts: Date.now(), gateway: 'greenhouse', name: 'device.online' }];
    const api: ApiActions = {
      ...{ command: never, history: never, request: never, openApi: () => ({}), devices: () => new Map() },
      logbook: () => Promise.resolve({ entries }),
    };
    const world = await startWeb(t, {}, { api });
    for (const device of ['lamp', 'tank']) await sayDevice(world, device);
    await sayList(world, ['lamp', 'tank']);
    const proxy = await startProxy(t, world.web.port);
    const { page } = await openBrowser(t, `http://127.0.0.1:${String(proxy.port)}/#/happenings`);
    const devices = page.getByLabel('Device').locator('option');
    await page.locator('[data-line=event]', { hasText: 'device.online' }).waitFor();
    await devices.filter({ hasText: 'tank' }).waitFor({ state: 'attached' });
    proxy.refuse(true);
    proxy.cut();
    await page.locator('#announcer', { hasText: 'The connection is lost.' }).waitFor();
    entries.push({ kind: 'event', ts: Date.now(), gateway: 'greenhouse', name: 'device.offline' });
    await forget(world, 'tank');
    await sayList(world, ['lamp']);
    proxy.refuse(false);
    await page.locator('[data-line=event]', { hasText: 'device.offline' }).waitFor();
    await devices.filter({ hasText: 'tank' }).waitFor({ state: 'detached' });
    assert.equal(await devices.filter({ hasText: 'lamp' }).count(), 1);
  },
);

void test(
  'a page that was opened while its gateway had no answer comes up by itself',
  { skip: withoutChromium },
  async (t) => {
    const world = await startWeb(t);
    await sayDevice(world, 'lamp');
    const { page } = await openBrowser(t, world.page);
    await page.route('**/page/facts.json', (route) => route.abort());
    await page.reload();
    await page.getByText('the page failed').waitFor();
    await page.unroute('**/page/facts.json');
    await page.getByRole('heading', { name: 'lamp' }).waitFor();
  },
);
