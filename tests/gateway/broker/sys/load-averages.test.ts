// The averages against figures computed by hand from Mosquitto's formula (src/sys_tree.c, calc_load):
// new = rate + e^(-seconds/window) * (old - rate), with the rate in a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadAverages, type Loaded } from '../../../../gateway/broker/sys/load-averages.js';

function counted(sockets: number): Loaded {
  return {
    'messages/received': 0,
    'messages/sent': 0,
    'publish/dropped': 0,
    'publish/received': 0,
    'publish/sent': 0,
    'bytes/received': 0,
    'bytes/sent': 0,
    sockets,
    connections: 0,
  };
}

void test('sixty in ten seconds are 360 a minute, and each average goes towards it by its own window', () => {
  let sockets = 1000;
  const averages = new LoadAverages(() => counted(sockets));
  assert.deepEqual(averages.now.sockets, { '1min': 0, '5min': 0, '15min': 0 }, 'what came before is no load');
  sockets += 60;
  averages.update(10);
  assert.deepEqual(rounded(averages), { '1min': 55.27, '5min': 11.8, '15min': 3.98 });
  sockets += 60;
  averages.update(10);
  assert.deepEqual(rounded(averages), { '1min': 102.05, '5min': 23.22, '15min': 7.91 });
  averages.update(60);
  assert.deepEqual(rounded(averages), { '1min': 37.54, '5min': 19.01, '15min': 7.4 });
  assert.deepEqual(averages.now.connections, { '1min': 0, '5min': 0, '15min': 0 });
});

void test('two updates in the same moment change nothing', () => {
  let sockets = 0;
  const averages = new LoadAverages(() => counted(sockets));
  sockets = 6;
  averages.update(0);
  averages.update(1);
  assert.equal(Math.round(averages.now.sockets['1min'] * 100) / 100, 5.95);
});

function rounded(averages: LoadAverages): Record<string, number> {
  const entries = Object.entries(averages.now.sockets);
  return Object.fromEntries(entries.map(([window, value]) => [window, Math.round(value * 100) / 100]));
}
