// A retained command at a broker that hands it over without the retain flag, as Moquette does: never one of now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HiddenRetained } from '../../../../gateway/broker/outside/presence/hidden-retained.js';
import { digestOf } from '../../../../gateway/broker/outside/received.js';
import { encodeText } from '../../../../shared/messages.js';
import type { Message } from '../../../../shared/ports.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';

const STATUS = 'iot/greenhouse/status';
const FILTER = 'iot/greenhouse/device/+/command/+';
const DIM = 'iot/greenhouse/device/lamp-1/command/dim';

const message = (topic: string, text: string, retain = false): Message => ({
  topic,
  payload: encodeText(text),
  qos: 1,
  retain,
});

interface World {
  readonly clock: FakeClock;
  readonly hidden: HiddenRetained;
  readonly handle: (message: Message) => Promise<void>;
  /** What reached the handler, and whether as retained. */
  readonly heard: [text: string, retain: boolean][];
  readonly visits: number;
}

function world(retained: readonly Message[]): World {
  const heard: [string, boolean][] = [];
  const clock = new FakeClock();
  let visits = 0;
  const hidden = new HiddenRetained({
    ...{ clock, log: new RecordingLog(), statusTopic: STATUS, filters: [FILTER] },
    look: async () => {
      visits++;
      return Promise.resolve(new Map(retained.map((one) => [digestOf(one), one.topic])));
    },
  });
  const handle = hidden.marking(FILTER, async ({ payload, retain }) => {
    heard.push([Buffer.from(payload).toString(), retain]);
    return Promise.resolve();
  });
  return {
    ...{ clock, hidden, handle, heard },
    get visits() {
      return visits;
    },
  };
}

test('where the own status comes back without its flag a retained command gets its own back, others do not', async () => {
  const { hidden, handle, heard } = world([message(DIM, '90')]);
  hidden.subscribing();
  const handled = [handle(message(DIM, '20')), handle(message(DIM, '90'))];
  hidden.status(message(STATUS, 'offline'));
  assert.deepEqual(heard, [], 'before it is known none is handed on');
  hidden.statusEnded();
  await Promise.all(handled);
  assert.deepEqual(heard, [
    ['20', false],
    ['90', true],
  ]);
});

test('the same command sent later, after the copy, is one of now', async () => {
  const { clock, hidden, handle, heard } = world([message(DIM, '90')]);
  hidden.subscribing();
  hidden.statusEnded();
  await handle(message(DIM, '90'));
  await clock.advance(60_000);
  await handle(message(DIM, '90'));
  assert.deepEqual(heard, [
    ['90', true],
    ['90', false],
  ]);
});

test('a copy behind a long queue is one all the same', async () => {
  const { clock, hidden, handle, heard } = world([message(DIM, '90')]);
  hidden.subscribing();
  hidden.statusEnded();
  await clock.advance(60_000);
  await handle(message(DIM, '90'));
  assert.deepEqual(heard, [['90', true]]);
});

test('a broker that sets the flag is not visited, though a will that waited came without it', async () => {
  const visited = world([message(DIM, '90')]);
  visited.hidden.subscribing();
  visited.hidden.status(message(STATUS, 'offline'));
  visited.hidden.status(message(STATUS, 'offline', true));
  await visited.handle(message(DIM, '90'));
  assert.deepEqual(visited.heard, [['90', false]]);
  assert.equal(visited.visits, 0);
});

test('where nobody may read the status, commands wait for a bounded time only', async () => {
  const { clock, hidden, handle, heard } = world([]);
  hidden.subscribing();
  const handled = handle(message(DIM, '20'));
  await clock.advance(5000);
  await handled;
  assert.deepEqual(heard, [['20', false]]);
  assert.equal(clock.waiting, 0);
});
