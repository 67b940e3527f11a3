// The gateway's queue on its Linux bus, which others keep full. Argument: how many transactions go ahead, 0 or 1.
import { BusQueue } from '../../../bridge/bus/queue.js';
import { openLinuxBus } from '../../../gateway/i2c/linux/open.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { FAKED_BUS_PATH } from '../../support/faked-i2c-dev.js';
import { ADDRESS, crowd, LENGTH, tell } from './measure.js';

const nothing = (): void => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
const clock = new SystemClock();
const bus = await openLinuxBus(
  { id: 'bench', path: FAKED_BUS_PATH, bitsPerSecond: 100_000 },
  {
    log,
    clock,
    onFailure: (error) => {
      throw error;
    },
  },
);
const oneByOne = {
  transfer: (...asked: Parameters<typeof bus.transfer>) => bus.transfer(...asked),
  close: () => bus.close(),
};
const queue = new BusQueue({ bus: process.argv[2] === '0' ? oneByOne : bus, clock, limit: 64 });
await tell(crowd(() => queue.transfer({ address: ADDRESS, readLength: LENGTH }, { priority: 'poll' })));
await queue.close();
process.disconnect();
