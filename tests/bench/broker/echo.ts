// The least that a request and its answer can take here: the same bytes sent back twice by another process, with no broker. What
// comes out faster than this measures something else. It hangs on the machine's sleep: processors that are busy anyway wake
// three to five times as fast as those that rest, so it is measured round by round beside what it judges.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PAYLOAD } from './peer.js';
import { median } from './scenarios.js';

const ROUNDS = 2000;

/** µs, the median. */
export async function echoedTwice(): Promise<number> {
  const echo = fork(fileURLToPath(import.meta.url), ['echo']);
  const [port] = (await once(echo, 'message')) as [number];
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let trip = 0; trip < 2; trip++) {
      socket.write(PAYLOAD);
      await once(socket, 'data');
    }
    times.push((performance.now() - start) * 1000);
  }
  socket.destroy();
  echo.kill();
  return median(times);
}

if (process.argv[2] === 'echo') {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') process.send?.(address?.port);
  });
}
