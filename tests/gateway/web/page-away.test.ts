// The page while a gateway or the connection is away: nothing old is shown as new, nothing is sent later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '../../../shared/messages.js';
import type { MessageBus } from '../../../shared/ports.js';
import { Topics } from '../../../shared/topics.js';
import { openBrowser, withoutChromium } from '../../support/browser/chromium.js';
import { TOPICS } from '../../support/mqtt/embedded-broker.js';
import { startWeb } from '../../support/web-server.js';

const ATTIC = new Topics('iot', 'attic');

async function say(bus: MessageBus, topic: string, payload: unknown): Promise<void> {
  await bus.publish({ topic, payload: encodeJson(payload), qos: 1, retain: true });
}

async function sayDevice(bus: MessageBus, topics: Topics, device: string): Promise<void> {
  const level = { type: 'number', min: 0, max: 255 };
  await say(bus, topics.status, { state: 'online' });
  await say(bus, topics.meta(device), { fields: { level }, commands: { dim: { args: { level } } } });
  await say(bus, topics.availability(device), { state: 'online', since: 1, reason: null });
}

const badge = (device: string): string =>
  `document.querySelector('[data-device=${device}] .badge-word')?.textContent`;

void test(
  'what a gateway that is offline said last is not shown as true',
  { skip: withoutChromium },
  async (t) => {
    const { broker, page: url } = await startWeb(t);
    await sayDevice(broker.bus, TOPICS, 'lamp');
    await sayDevice(broker.bus, ATTIC, 'window');
    const page = await openBrowser(t, url);
    await page.until(`${badge('lamp')} === 'online' && ${badge('window')} === 'online'`);
    await say(broker.bus, ATTIC.status, { state: 'offline' });
    await page.until(`${badge('window')} === 'gateway offline'`);
    assert.equal(await page.evaluate(badge('lamp')), 'online');
    await say(broker.bus, ATTIC.status, { state: 'online' });
    await page.until(`${badge('window')} === 'online'`);
  },
);

void test(
  'without a connection a command is refused, not kept until the connection is back',
  { skip: withoutChromium },
  async (t) => {
    const { broker, web, page: url } = await startWeb(t);
    await sayDevice(broker.bus, TOPICS, 'lamp');
    const page = await openBrowser(t, `${url}/#/devices/lamp`);
    await page.until("document.querySelector('.device .badge-word')?.textContent === 'online'");
    await web.stop();
    await broker.stop();
    await page.until("document.querySelector('.device .badge-word').textContent === 'not connected'");
    await page.until("document.querySelector('#announcer').textContent === 'The connection is lost.'");
    await page.page.getByRole('button', { name: 'dim' }).click();
    await page.page.getByText('Not sent: there is no connection.').waitFor();
  },
);

void test(
  'what somebody types stays when a description is said once more',
  { skip: withoutChromium },
  async (t) => {
    const { broker, page: url } = await startWeb(t);
    await sayDevice(broker.bus, TOPICS, 'lamp');
    const page = await openBrowser(t, `${url}/#/devices/lamp`);
    const input = page.page.getByRole('form', { name: 'dim' }).getByLabel('level');
    await input.fill('42');
    await sayDevice(broker.bus, TOPICS, 'lamp');
    await say(broker.bus, TOPICS.state('lamp'), { ts: 1, values: { level: 7 } });
    await page.until("document.querySelector('[data-field=level] .value')?.textContent === '7'");
    assert.equal(await input.inputValue(), '42');
  },
);

void test('a value as long as it can be stays in its card', { skip: withoutChromium }, async (t) => {
  const { broker, page: url } = await startWeb(t);
  await say(broker.bus, TOPICS.state('sign'), { ts: 1, values: { text: 'x'.repeat(2000) } });
  const page = await openBrowser(t, url);
  await page.until("document.querySelector('[data-field=text]')");
  for (const place of ['#/', '#/devices/sign']) {
    await page.page.goto(`${url}/${place}`);
    await page.until("document.querySelector('[data-field=text]')");
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  }
});
