// Whatever strangers pour in, the gateway's memory stays flat: its process's peak is asked of the kernel, so that what
// the senders of the test hold is not counted with it. All floods come twice: the first time buffers and the heap find
// their size; what grows by as much the second time has no limit.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { startGateway } from '../../support/gateway-process.js';
import {
  connectPacket,
  header,
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../support/mqtt/raw-mqtt.js';

const MB = 1024 * 1024;
const PAYLOAD = 'x'.repeat(50_000);
/** Of each flood and round, in packets of `PAYLOAD`: 200 MB. */
const PACKETS = 4000;
/** What the limits and the heap may take in all, and the second round above the first: the rest is the collector's. */
const GROWTH_BYTES = 400 * MB;
const SECOND_GROWTH_BYTES = 150 * MB;

const PINGRESP = Buffer.from([0xd0, 0]);

interface Flooded {
  readonly port: number;
  readonly pid: number;
}

/** VmHWM, the most that was resident: proc_pid_status(5). */
function peakBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Sends all, no faster than it is read, and waits until the last is taken; ends early when the connection is ended. */
async function pour(connection: RawConnection, packets: Iterable<Buffer>): Promise<void> {
  const { socket } = connection;
  const gone = once(socket, 'close');
  for (const packet of packets) {
    if (connection.closed) return;
    if (!socket.write(packet)) await Promise.race([once(socket, 'drain'), gone]);
  }
  socket.write(Buffer.from([0xc0, 0]));
  while (!connection.closed && !connection.received.subarray(-2).equals(PINGRESP))
    await Promise.race([once(socket, 'data'), gone]);
}

function* publishes(topicOf: (index: number) => string, retain = false, count = PACKETS): Generator<Buffer> {
  for (let index = 0; index < count; index += 1)
    yield publishPacket({ topic: topicOf(index), text: PAYLOAD, retain });
}

const FLOODS: readonly (readonly [string, (t: TestContext, at: Flooded, round: string) => Promise<void>])[] =
  [
    [
      'subscribers that never read',
      async (t, { port }) => {
        for (const name of ['deaf-1', 'deaf-2', 'deaf-3', 'deaf-4']) {
          const deaf = await openRawClient(t, port, name);
          deaf.send(subscribePacket('flood/deaf', 0));
          await deaf.bytes(9);
          deaf.socket.pause();
        }
        await pour(
          await openRawClient(t, port, 'speaker'),
          publishes(() => 'flood/deaf', false, 3 * PACKETS),
        );
      },
    ],
    [
      'a session that is away',
      async (t, { port }) => {
        const away = await openRaw(t, port);
        away.send(connectPacket('away', { clean: false }), subscribePacket('flood/away', 1));
        await away.bytes(9);
        away.socket.destroy();
        const packet = publishPacket({ topic: 'flood/away', text: PAYLOAD, qos: 1 });
        const speaker = await openRawClient(t, port, 'speaker-1');
        await pour(
          speaker,
          Array.from({ length: PACKETS }, () => packet),
        );
      },
    ],
    [
      'retained messages without end',
      async (t, { port }, round) => {
        const keeper = await openRawClient(t, port, 'keeper');
        await pour(
          keeper,
          publishes((index) => `flood/${round}/${String(index)}`, true),
        );
      },
    ],
    [
      'subscriptions without end',
      async (t, { port }) => {
        const curious = await openRawClient(t, port, 'curious');
        const filters = Array.from({ length: 60_000 }, (_, index) =>
          subscribePacket(`flood/${'f'.repeat(900)}/${String(index)}`, 0),
        );
        await pour(curious, filters);
      },
    ],
    [
      'strangers who announce 256 MB, and strangers who say nothing',
      async (t, { port }) => {
        const lump = Buffer.alloc(MB, 1);
        for (let index = 0; index < 100; index += 1) {
          const stranger = await openRaw(t, port);
          stranger.send(header(0x10, 268_435_455));
          for (let sent = 0; sent < 4 && !stranger.closed; sent += 1) stranger.socket.write(lump);
          await openRaw(t, port);
        }
      },
    ],
  ];

test('memory stays flat under floods', { timeout: 240_000 }, async (t) => {
  if (!existsSync('/proc/self/status')) {
    t.skip('MEMORY UNDER FLOODS WAS NOT TESTED: it needs the /proc of Linux');
    return;
  }
  const gateway = await startGateway(t, {
    change: (config) => {
      const small = { write_buffer: '4MB', write_buffer_total: '16MB' };
      config['limits'] = { ...small, queued_bytes: '4MB', retained_bytes: '8MB' };
    },
  });
  const at = { port: Number(new URL(gateway.mqttUrl).port), pid: gateway.child.pid ?? 0 };
  const peaks = [peakBytes(at.pid)];
  for (const round of ['first', 'second'])
    for (const [name, flood] of FLOODS) {
      await t.test(`${name}, the ${round} time`, async () => {
        // Connections stay open until the end of the whole test: what they hold adds up.
        await flood(t, at, round);
        peaks.push(peakBytes(at.pid));
      });
    }
  t.diagnostic(`peaks: ${peaks.map((bytes) => String(Math.round(bytes / MB))).join(' ')} MB`);
  const [start = 0, afterFirst = 0] = [peaks[0], peaks[FLOODS.length]];
  const afterSecond = peaks.at(-1) ?? Infinity;
  assert.ok(afterSecond - start < GROWTH_BYTES, 'the floods need no more than their limits');
  assert.ok(
    afterSecond - afterFirst < SECOND_GROWTH_BYTES,
    'the second round needs no more memory than the first',
  );
  assert.equal(await gateway.end('SIGTERM'), 0);
});
