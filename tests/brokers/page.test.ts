// RabbitMQ's MQTT plugin before 3.13 gives a subscription with a wildcard no retained messages: the page shows the devices
// all the same. Debian: apt-get install rabbitmq-server chromium.
import { test } from 'node:test';
import { openBrowser, withoutChromium } from '../support/browser/chromium.js';
import { startGateway } from '../support/gateway-process.js';
import { brokerNamed, without } from './brokers.js';
import { startBroker } from './running-broker.js';

const title = (device: string): string => `document.querySelector('[data-device=${device}] h3')?.textContent`;
const badge = (device: string): string =>
  `document.querySelector('[data-device=${device}] .badge-word')?.textContent`;

const rabbitmq = brokerNamed('rabbitmq');

test(
  'a page opened at RabbitMQ shows what each device is, and that it is there',
  { skip: without(rabbitmq) || withoutChromium },
  async (t) => {
    const { url } = await startBroker(t, rabbitmq);
    const { pageUrl } = await startGateway(t, { args: ['--no-broker', '--mqtt', url] });
    const page = await openBrowser(t, pageUrl);
    await page.until(`${title('lamp-1')} === 'Growing lamp' && ${badge('lamp-1')} === 'online'`);
    await page.until(`${badge('tank-2')} === 'online'`);
    await page.until("document.getElementById('connection').textContent === 'live'");
  },
);
