// A program whose bus hangs: it closes the bus and ends with an exit code of its own. Arguments: driver, how to end.
import { openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { AT } from './fake-driver.js';
import { BUS } from './open-fake-bus.js';

const [driver = '', how = ''] = process.argv.slice(2);
const ended = (): void => {
  process.exitCode = 9;
};
const bus = await openLinuxBus(BUS, {
  log: new RecordingLog(),
  onFailure: ended,
  onHang: () => {
    if (how === 'exit') process.exit(3);
    if (how === 'die') process.kill(process.pid, 'SIGKILL');
    void bus.close();
  },
  driver,
  limits: { patienceMs: 50, closeWithinMs: 50 },
});
// What ends this program is that nothing keeps it alive any more.
bus.transfer({ address: AT.hanging, readLength: 1 }).catch((error: unknown) => {
  process.exitCode = error instanceof Error && 'code' in error && error.code === 'timeout' ? 3 : 8;
});
