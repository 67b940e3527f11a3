// The bare loop's other side: runs one call of the driver for each message, as libuv's pool does for i2c-bus.
import { parentPort } from 'node:worker_threads';
import { BUSY_BYTES, openSync } from './timed-driver.js';

const bus = openSync();
const buffer = Buffer.alloc(BUSY_BYTES);
parentPort?.on('message', () => {
  bus.i2cReadSync(0x08, BUSY_BYTES, buffer);
  parentPort?.postMessage(buffer.readDoubleLE(0));
});
