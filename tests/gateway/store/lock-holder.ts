// A process of its own that holds the lock of the folder it is given until it is killed, as the user it is given.
import { SingleInstanceLock } from '../../../gateway/store/instance-lock.js';

const [, , dataDir = '', user = ''] = process.argv;
if (user !== '') process.setuid?.(Number(user));
await new SingleInstanceLock(dataDir).start();
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
