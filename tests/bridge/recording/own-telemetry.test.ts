// The gateway's own samples: kept first and then published, and kept together where they come close together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { OwnTelemetry } from '../../../bridge/recording/own-telemetry.js';
import type { Message, MessageBus } from '../../../shared/ports.js';
import { Topics } from '../../../shared/topics.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

interface World {
  readonly clock: FakeClock;
  readonly telemetry: OwnTelemetry;
  readonly take: (seq: number) => void;
  /** The numbers of what was kept together. */
  readonly together: number[][];
  readonly published: number[];
}

function world(kept: () => Promise<boolean> = () => Promise.resolve(true)): World {
  const clock = new FakeClock();
  const together: number[][] = [];
  const published: number[] = [];
  const bus: Pick<MessageBus, 'publish'> = {
    publish: ({ payload }: Message) => {
      published.push((JSON.parse(Buffer.from(payload).toString()) as { seq: number }).seq);
      return Promise.resolve();
    },
  };
  const telemetry = new OwnTelemetry({
    recorder: {
      keep: (samples) => {
        together.push(samples.map(({ sample }) => sample.seq));
        return kept();
      },
    },
    outlet: new Outlet(bus, new RecordingLog()),
    ...{ topics: new Topics('i2c', 'greenhouse'), clock },
  });
  const take = (seq: number): void => {
    telemetry.take('tank-1', { ts: clock.now(), boot: 'boot', seq, values: { n: seq } });
  };
  return { clock, telemetry, take, together, published };
}

test('the first goes at once; what comes within 50 ms goes together, and is published when it is kept', async () => {
  const { clock, take, together, published } = world();
  take(0);
  await settled();
  assert.deepEqual(published, [0]);
  await clock.advance(10);
  take(1);
  await clock.advance(10);
  take(2);
  assert.deepEqual([together, published], [[[0]], [0]]);
  await clock.advance(30);
  assert.deepEqual(
    [together, published],
    [
      [[0], [1, 2]],
      [0, 1, 2],
    ],
  );
  await clock.advance(1000);
  take(3);
  await settled();
  assert.deepEqual([together.at(-1), published], [[3], [0, 1, 2, 3]]);
});

test('two hundred wait for nothing', () => {
  const { take, together } = world();
  for (let seq = 0; seq <= 200; seq += 1) take(seq);
  assert.deepEqual(
    together.map((samples) => samples.length),
    [1, 200],
  );
});

test('whoever stops waits for what was gathered, and no longer', async () => {
  const { telemetry, take, together, published } = world();
  take(0);
  take(1);
  await telemetry.drained();
  assert.deepEqual(
    [together, published],
    [
      [[0], [1]],
      [0, 1],
    ],
  );
});

test('what is not kept is not published', async () => {
  const { telemetry, take, published } = world(() => Promise.resolve(false));
  take(0);
  await telemetry.drained();
  assert.deepEqual(published, []);
});
