// What simulated Arduinos cost: node dist/tests/bench/simulated-bus.js. Figures only, nothing here passes or fails.
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../gateway/config/load.js';
import { openSimulatedBus } from '../../gateway/i2c/simulated/open.js';
import { PlugBoard } from '../../gateway/i2c/simulated/plug-board.js';
import type { SimulatedBus } from '../../gateway/i2c/simulated/bus.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import type { Device } from '../../shared/device-type.js';
import { ADDRESS, arduino, EXAMPLE_CONFIG, EXAMPLE_SKETCHES } from '../firmware/arduino.js';
import { RecordingLog } from '../support/recording-log.js';

const READS = 5000;
const IDLE_MS = 10_000;

function print(what: string, value: number, unit: string): void {
  process.stdout.write(`${what.padEnd(60)} ${value.toFixed(2).padStart(10)} ${unit}\n`);
}

/** Boot to the first answer, and how fast a reading of 6 bytes with checksum is when the wire takes no time. */
async function oneArduino(): Promise<void> {
  const began = performance.now();
  const device = await arduino(EXAMPLE_SKETCHES, 'tank');
  await device.read(0x01, 2);
  print('boot to first answer, cold (hex read, parsed, booted)', performance.now() - began, 'ms');
  for (const millisecondsBetween of [0, 1]) {
    const start = performance.now();
    for (let read = 0; read < READS; read += 1) {
      await device.clock.advance(millisecondsBetween);
      await device.read(0x10, 6);
    }
    const perSecond = (READS * 1000) / (performance.now() - start);
    print(`register reads, ${String(millisecondsBetween)} ms of its time between`, perSecond, '/s');
  }
  const start = performance.now();
  for (let second = 0; second < 200; second += 1) {
    await device.clock.advance(1000);
    await device.bus.transfer({ address: ADDRESS, readLength: 1 });
  }
  print('a read after a second of silence', (performance.now() - start) / 200, 'ms of processor');
}

/** The example as the gateway runs it: each device polled at its interval, on a wire of 100 kbit/s. */
async function example(): Promise<void> {
  const config = await loadConfig(EXAMPLE_CONFIG);
  const [bus] = config.buses.values();
  if (bus === undefined) return;
  const { devices } = config;
  const plugs = new PlugBoard();
  const world = { devices, configFolder: dirname(EXAMPLE_CONFIG), clock: new SystemClock(), plugs };
  const began = performance.now();
  const opened = await openSimulatedBus(bus, { ...world, log: new RecordingLog() });
  print('opening the example', performance.now() - began, 'ms');
  await cpuShare('processor, four Arduinos that nobody asks', () => pause(IDLE_MS));
  await cpuShare('processor, four Arduinos polled as configured', () =>
    poll(opened, [...config.devices.values()]),
  );
  await opened.close();
}

async function cpuShare(what: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  print(what, (user + system) / 10 / (performance.now() - start), '% of a core');
}

async function poll(bus: SimulatedBus, devices: readonly Device[]): Promise<void> {
  for (let second = 0; second < IDLE_MS / 1000; second += 1) {
    const next = pause(1000);
    for (const { address, type } of devices) {
      const [sample] = type.samples;
      if (sample === undefined || (second * 1000) % sample.everyMs !== 0) continue;
      await bus.transfer({ address, write: sample.write, readLength: sample.readLength });
    }
    await next;
  }
}

await oneArduino();
await example();
