// i2c-bus as one uses it without a gateway: each call awaited, with or without p-queue around it. Argument: `p-queue`.
import i2c from 'i2c-bus';
import PQueue from 'p-queue';
import { FAKED_BUS_NUMBER } from '../../support/faked-i2c-dev.js';
import { ADDRESS, crowd, LENGTH, tell } from './measure.js';

const bus = await i2c.openPromisified(FAKED_BUS_NUMBER);
const buffer = Buffer.alloc(LENGTH);
const read = (): Promise<unknown> => bus.i2cRead(ADDRESS, LENGTH, buffer);
const queue = new PQueue({ concurrency: 1 });

await tell(
  process.argv[2] === 'p-queue'
    ? crowd(() => queue.add(read))
    : async (transactions) => {
        for (let call = 0; call < transactions; call += 1) await read();
      },
);
await bus.close();
