// Somebody else's broker forgets: whoever looks afterwards sees the whole gateway all the same.
import { test } from 'node:test';
import { startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { retainedBelow } from '../../support/mqtt/retained-topics.js';
import { untilAsync } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';

async function untilRetained(url: string, expected: readonly string[]): Promise<readonly string[]> {
  let topics: string[] = [];
  await untilAsync(`all of ${expected.join()}`, async () => {
    topics = [...(await retainedBelow(url, ROOT)).keys()];
    return expected.every((topic) => topics.includes(topic));
  });
  return topics;
}

test(
  'after Mosquitto without persistence was restarted a new client finds every retained topic again',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(
      t,
      (port) => `listener ${String(port)} 127.0.0.1\nallow_anonymous true\npersistence false\n`,
    );
    await startGateway(t, { args: ['--no-broker', '--mqtt', mosquitto.url] });
    const lamp = ['meta', 'availability', 'state', 'value/level'].map(
      (kind) => `${ROOT}/device/lamp-1/${kind}`,
    );
    const some = [`${ROOT}/status`, `${ROOT}/info`, ...lamp, `${ROOT}/device/tank-2/availability`];
    const before = await untilRetained(mosquitto.url, some);
    await mosquitto.stop();
    await mosquitto.start();
    await untilRetained(mosquitto.url, before);
  },
);
