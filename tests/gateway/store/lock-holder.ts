// A process of its own that holds the lock of the folder it is given until it is killed.
import { SingleInstanceLock } from '../../../gateway/store/instance-lock.js';

const [, , dataDir = ''] = process.argv;
await new SingleInstanceLock(dataDir).start();
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
