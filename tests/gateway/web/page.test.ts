// The status page in a real browser: what MQTT says is what it shows, as text only, and its buttons command devices.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { encodeJson } from '../../../shared/messages.js';
import type { MessageBus } from '../../../shared/ports.js';
import { openBrowser, withoutChromium } from '../../support/chromium.js';
import { TOPICS } from '../../support/mqtt/embedded-broker.js';
import { startWeb } from '../../support/web-server.js';

const EVIL = '<img src=x onerror="window.hacked=true">';

async function say(bus: MessageBus, topic: string, payload: unknown, retain = true): Promise<void> {
  await bus.publish({ topic, payload: encodeJson(payload), qos: 1, retain });
}

async function sayTank(bus: MessageBus): Promise<void> {
  const speed = { type: 'number', min: 0, max: 100, unit: '%' };
  await say(bus, TOPICS.status, { state: 'online', boot: 'b', ts: Date.now() });
  await say(bus, TOPICS.meta('tank'), {
    id: 'tank',
    type: 'tank',
    label: 'North tank',
    fields: { temperature: { type: 'number', unit: '°C', label: 'Temperature' }, level: { type: 'number' } },
    commands: { pump: { args: { speed, fast: { type: 'boolean' } } } },
    intervalsMs: [1000],
  });
  await say(bus, TOPICS.availability('tank'), { state: 'degraded', since: Date.now(), reason: 'checksum' });
  await sayState(bus, 21.4567);
}

async function sayState(bus: MessageBus, temperature: number): Promise<void> {
  const values = { temperature, level: null };
  await say(bus, TOPICS.state('tank'), { ts: Date.now(), values, errors: { level: 'out_of_range' } });
}

const field = (name: string): string => `document.querySelector('[data-field=${name}] .value').textContent`;

void test('the page shows devices with their newest values, live', { skip: withoutChromium }, async (t) => {
  const { broker, page: url } = await startWeb(t);
  const page = await openBrowser(t, url);
  await page.until("document.querySelector('#none')?.textContent.startsWith('No device')");
  await sayTank(broker.bus);
  await page.until(
    `document.querySelector('[data-field=temperature]') && ${field('temperature')} === '21.457 °C'`,
  );
  assert.equal(await page.evaluate(field('level')), 'out_of_range');
  assert.equal(await page.evaluate("document.querySelector('article h3').textContent"), 'North tank');
  assert.equal(await page.evaluate("document.querySelector('article .badge').textContent"), 'degraded');
  for (let round = 0; round < 30; round++) await sayState(broker.bus, 22 + Math.sin(round / 4));
  await sayState(broker.bus, 23.5);
  await page.until(`${field('temperature')} === '23.5 °C'`);
  await page.until("document.querySelector('[data-field=temperature] polyline')");
  const shot = process.env['PAGE_SCREENSHOT'];
  if (shot !== undefined) await writeFile(shot, await page.screenshot());
  assert.deepEqual(page.complaints, []);
});

void test(
  'a command sent from the page arrives with its arguments, and its reply is shown',
  { skip: withoutChromium },
  async (t) => {
    const { broker, page: url } = await startWeb(t);
    const payloads: { id: string; args: unknown }[] = [];
    await broker.bus.subscribe(TOPICS.everyCommand, 1, ({ payload }) => {
      const command = JSON.parse(Buffer.from(payload).toString()) as { id: string; args: unknown };
      payloads.push(command);
      const error = { code: 'verify_failed', message: EVIL };
      void say(
        broker.bus,
        TOPICS.reply('tank', 'pump'),
        { id: command.id, status: 'failed', error, ts: 1, ms: 12 },
        false,
      );
    });
    await sayTank(broker.bus);
    const page = await openBrowser(t, url);
    await page.until("document.querySelector('form[data-command=pump]')");
    await page.evaluate(`{
    const form = document.querySelector('form[data-command=pump]');
    form.querySelector('[type=number]').value = '42';
    form.querySelector('[type=checkbox]').checked = true;
    form.querySelector('button').click();
  }`);
    await page.until("document.querySelector('output').textContent.startsWith('failed: verify_failed')");
    assert.deepEqual(
      payloads.map(({ args }) => args),
      [{ speed: 42, fast: true }],
    );
    await page.evaluate(`{
    const form = document.querySelector('form[data-command=pump]');
    form.querySelector('[type=number]').value = '101';
    form.querySelector('button').click();
  }`);
    assert.equal(await page.evaluate("document.querySelector('form').checkValidity()"), false);
    assert.equal(payloads.length, 1, 'what the schema does not allow is not sent');
  },
);

void test(
  'what a client publishes is shown as text, whatever it is',
  { skip: withoutChromium },
  async (t) => {
    const { broker, page: url } = await startWeb(t);
    const { bus } = broker;
    await say(bus, TOPICS.meta('evil'), {
      label: EVIL,
      type: EVIL,
      fields: { [EVIL]: { label: EVIL, unit: EVIL }, broken: null, __proto__: { x: 1 } },
      commands: {
        [EVIL]: { label: EVIL, args: { [EVIL]: { label: EVIL, unit: EVIL, type: 'string' } } },
        no: 7,
      },
    });
    await say(bus, TOPICS.availability('evil'), { state: EVIL, reason: EVIL, since: EVIL });
    await say(bus, TOPICS.state('evil'), { ts: EVIL, values: { [EVIL]: EVIL, broken: 1 }, errors: 5 });
    for (const text of ['not json', '[]', 'null', '{"values":7}', '{"fields":[1,"x",null],"commands":"x"}'])
      for (const topic of [
        TOPICS.meta('odd'),
        TOPICS.state('odd'),
        TOPICS.availability('odd'),
        TOPICS.status,
      ])
        await bus.publish({ topic, payload: Buffer.from(text), qos: 1, retain: true });
    const page = await openBrowser(t, url);
    await page.until("document.querySelectorAll('article').length === 2");
    await sayTank(bus);
    await page.until(
      "document.querySelectorAll('article').length === 3 && document.querySelector('[data-field=level]')",
    );
    assert.equal(await page.evaluate("document.querySelectorAll('img').length"), 0);
    assert.equal(await page.evaluate('window.hacked === undefined'), true);
    assert.equal(await page.evaluate("document.querySelector('[data-device=evil] h3').textContent"), EVIL);
    assert.deepEqual(page.complaints, []);
  },
);
