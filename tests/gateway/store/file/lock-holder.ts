// A process of its own that holds the lock of the folder it is given until it is killed, as the user it is given.
import { SingleInstanceLock } from '../../../../gateway/store/file/instance-lock.js';

const [, , dataDir = '', user = ''] = process.argv;
if (user !== '') process.setuid?.(Number(user));
const lock = new SingleInstanceLock(dataDir);
await lock.start();
process.stdout.write('held\n');
// Named for as long as the process runs: a database that nothing names is collected, and closed, and its lock with it.
setInterval(() => lock.name, 60_000);
