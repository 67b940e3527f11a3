// The page in a real browser: what MQTT says is what it shows, as text only, and its forms command devices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '../../../shared/messages.js';
import type { MessageBus } from '../../../shared/ports.js';
import { openBrowser, withoutChromium, type BrowserPage } from '../../support/browser/chromium.js';
import { TOPICS } from '../../support/mqtt/embedded-broker.js';
import { until } from '../../support/waiting.js';
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
    commands: {
      pump: { args: { speed, fast: { type: 'boolean' } }, for: { defaultMs: 600_000, maxMs: 3_600_000 } },
    },
    intervalsMs: [1000],
  });
  await say(bus, TOPICS.availability('tank'), { state: 'degraded', since: Date.now(), reason: 'checksum' });
  await sayState(bus, 21.4567);
}

async function sayState(bus: MessageBus, temperature: number, ts = Date.now()): Promise<void> {
  const values = { temperature, level: null };
  await say(bus, TOPICS.state('tank'), { ts, values, errors: { level: 'out_of_range' } });
}

const field = (name: string): string => `document.querySelector('[data-field=${name}] .value')?.textContent`;

/** Without those of questions that this server has no answer to: it has no recorder. */
function complaintsOf({ complaints }: BrowserPage): readonly string[] {
  return complaints.filter((text) => !text.includes('404'));
}

void test('the page shows devices with their newest values, live', { skip: withoutChromium }, async (t) => {
  const { broker, page: url } = await startWeb(t);
  const shown = await openBrowser(t, url);
  await shown.until("document.querySelector('#none')?.textContent.startsWith('No device')");
  await sayTank(broker.bus);
  await shown.until(`${field('temperature')} === '21.457\u00a0°C'`);
  assert.equal(await shown.evaluate(field('level')), 'out_of_range');
  assert.equal(await shown.evaluate("document.querySelector('article h3').textContent"), 'North tank');
  assert.equal(await shown.evaluate("document.querySelector('article .badge-word').textContent"), 'degraded');
  const wrong = shown.page.getByRole('region', { name: 'Needs attention' });
  await wrong.getByText('The reply arrived with a wrong checksum').waitFor();
  await sayState(broker.bus, 23.5, Date.now() + 11_000);
  await shown.until(`${field('temperature')} === '23.5\u00a0°C'`);
  await shown.page.getByRole('img', { name: /^the last \d+ s, from 21\.5 to 23\.5$/ }).waitFor();
  assert.deepEqual(complaintsOf(shown), []);
});

interface Sent {
  readonly id: string;
  readonly args: unknown;
  readonly for?: string;
}

void test(
  'a command is sent once however often one clicks, with what was typed, and its reply is shown',
  { skip: withoutChromium },
  async (t) => {
    const { broker, page: url } = await startWeb(t);
    const commands: Sent[] = [];
    await broker.bus.subscribe(TOPICS.everyCommand, 1, ({ payload }) => {
      commands.push(JSON.parse(Buffer.from(payload).toString()) as Sent);
    });
    const reply = (status: string, more: object): Promise<void> =>
      say(
        broker.bus,
        TOPICS.reply('tank', 'pump'),
        { id: commands.at(-1)?.id, status, ts: Date.now(), ms: 12, ...more },
        false,
      );
    await sayTank(broker.bus);
    const { page } = await openBrowser(t, `${url}/#/devices/tank`, { locale: 'de-DE' });
    const form = page.getByRole('form', { name: 'pump' });
    const send = form.getByRole('button', { name: 'pump' });
    await form.getByLabel('speed').fill('3,5');
    await form.getByLabel('fast').check();
    await send.dblclick();
    await form.getByText('Gesendet, noch keine Antwort.').waitFor();
    await send.click({ force: true });
    await until('it arrives', () => commands.length > 0);
    // Whatever else was sent before this has arrived before it.
    await reply('failed', { error: { code: 'verify_failed', message: EVIL } });
    await form.getByText('Gescheitert: verify_failed').waitFor();
    assert.deepEqual(
      commands.map(({ args }) => args),
      [{ speed: 3.5, fast: true }],
    );

    await form.getByLabel('speed').fill('101');
    await send.click();
    await form.getByText('Es muss von 0 bis 100 sein.').waitFor();
    await form.getByLabel('speed').fill('1.000,5');
    await send.click();
    await form.getByText('Bitte eine Zahl wie 3,5.').waitFor();
    assert.equal(commands.length, 1, 'what its description does not allow is not sent');

    await form.getByLabel('speed').fill('80');
    await form.getByLabel('Dauert').first().fill('20');
    await send.click();
    await until('the next arrives', () => commands.length > 1);
    await reply('done', {});
    await form.getByText(/^Endet von selbst in (20|1\d) s\.$/).waitFor();
    assert.deepEqual([commands[1]?.for, commands[1]?.id === commands[0]?.id], ['20000ms', false]);
    const ended = { id: 'g1', by: 'for', of: commands[1]?.id };
    await reply('done', ended);
    await form.getByText(/^Endete von selbst um /).waitFor();
    assert.equal(await page.evaluate('document.images.length'), 0);
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
      intervalsMs: { x: 1 },
    });
    await say(bus, TOPICS.availability('evil'), { state: EVIL, reason: EVIL, since: EVIL });
    await say(bus, TOPICS.state('evil'), { ts: EVIL, values: { [EVIL]: EVIL, broken: 1 }, errors: 5 });
    await say(bus, TOPICS.deviceHealth('evil'), {
      faults: { [EVIL]: { count: EVIL, message: EVIL } },
      traffic: 7,
    });
    await say(bus, TOPICS.busHealth('evil'), { state: EVIL, recovery: { [EVIL]: 1 }, waiting: 7 });
    for (const text of ['not json', '[]', 'null', '{"values":7}', '{"fields":[1,"x",null],"commands":"x"}'])
      for (const topic of [
        ...[TOPICS.meta('odd'), TOPICS.state('odd'), TOPICS.availability('odd'), TOPICS.deviceHealth('odd')],
        ...[TOPICS.status, TOPICS.info, TOPICS.health, TOPICS.busHealth('odd')],
      ])
        await bus.publish({ topic, payload: Buffer.from(text), qos: 1, retain: true });
    const shown = await openBrowser(t, url);
    await shown.until("document.querySelectorAll('article').length === 2");
    await sayTank(bus);
    await shown.until(
      "document.querySelectorAll('article').length === 3 && document.querySelector('[data-field=level]')",
    );
    assert.equal(await shown.evaluate("document.querySelector('[data-device=evil] h3').textContent"), EVIL);
    for (const place of ['#/devices/evil', '#/devices/odd', '#/buses', '#/happenings', '#/']) {
      await shown.page.goto(`${url}/${place}`);
      await say(bus, TOPICS.event, { type: EVIL, ts: Date.now(), device: EVIL, message: EVIL }, false);
      await say(bus, TOPICS.log('warn'), { level: EVIL, time: EVIL, msg: EVIL }, false);
      await say(bus, TOPICS.reply('evil', EVIL), { id: EVIL, status: EVIL, error: { code: EVIL } }, false);
      await shown.page.locator('main h1').first().waitFor({ state: 'attached' });
    }
    await shown.page.goto(`${url}/#/happenings`);
    for (const kind of ['event', 'log', 'command'])
      await shown.page.locator(`[data-line=${kind}]`).getByText(EVIL).first().waitFor();
    assert.equal(await shown.evaluate("document.querySelectorAll('img').length"), 0);
    assert.equal(await shown.evaluate('window.hacked === undefined'), true);
    assert.deepEqual(complaintsOf(shown), []);
  },
);
