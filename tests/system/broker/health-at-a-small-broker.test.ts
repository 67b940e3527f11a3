// A broker that takes 8,092 bytes a packet, as Moquette does, and a site with many devices: their health arrives all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExampleConfig } from '../../support/gateway-process.js';
import { startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient, type Received } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';
import { parseExposition } from '../../gateway/metrics/strict-parser.js';

const ROOT = 'iot/greenhouse';
const DEVICES = 120;
const BUSES = 4;
const idOf = (index: number): string => `rack-${String(index)}`.padEnd(60, 'x');

function manyDevices(config: ExampleConfig): void {
  config['buses'] = Object.fromEntries(
    Array.from({ length: BUSES }, (_, bus) => [
      `bus-${String(bus)}`,
      { path: `/dev/i2c-${String(bus + 1)}` },
    ]),
  );
  config.types = {
    sensor: { samples: [{ every: '30s', read: 2, fields: { level: { type: 'uint16le' } } }] },
  };
  config.devices = Object.fromEntries(
    Array.from({ length: DEVICES }, (_, index) => [
      idOf(index),
      {
        ...{ type: 'sensor', bus: `bus-${String(index % BUSES)}` },
        address: 0x08 + Math.floor(index / BUSES),
      },
    ]),
  );
}

test(
  'the health of many devices arrives at a broker of small packets',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(
      t,
      (port) => `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nmax_packet_size 8092\n`,
    );
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(`${ROOT}/#`, 1);
    // Said every 10 s.
    const arrived = (topic: string): Promise<Received> =>
      until(topic, () => client.received.find((message) => message.topic === `${ROOT}/${topic}`), 60_000);
    const gateway = await startGateway(t, {
      args: ['--no-broker', '--mqtt', mosquitto.url],
      change: manyDevices,
    });
    const { text } = await arrived('health');
    const { devices } = JSON.parse(text) as { devices: { total: number } };
    assert.equal(devices.total, DEVICES);
    const last = idOf(DEVICES - 1);
    const detail = await arrived(`device/${last}/health`);
    assert.equal((JSON.parse(detail.text) as { bus: string }).bus, 'bus-3');
    const bus = await arrived('bus/bus-3/health');
    assert.equal((JSON.parse(bus.text) as { state: string }).state, 'up');
    // And nothing is lost where it is not MQTT.
    const metrics = parseExposition(await (await fetch(new URL('metrics', gateway.pageUrl))).text());
    assert.equal(metrics.get('i2c_mqtt_gateway_device_polls_total')?.samples.size, DEVICES);
    await gateway.end('SIGTERM');
  },
);
