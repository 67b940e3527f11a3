// A user's story that holds whichever broker there is: told with the embedded one, and with Mosquitto running the
// repository's mosquitto.conf in its place.
import { test, type TestContext } from 'node:test';
import { startGateway, type GatewayProcess, type GatewaySettings } from '../gateway-process.js';
import { withoutMosquitto } from './mosquitto.js';
import { startByConf } from './mosquitto-conf.js';

/** Starts the gateway of the story's broker; called again, it comes to the same Mosquitto. */
export type Start = (settings?: GatewaySettings) => Promise<GatewayProcess>;

/** `skip` says why the story cannot be told on this machine at all. */
export function onBothBrokers(
  name: string,
  story: (t: TestContext, start: Start) => Promise<void>,
  skip: string | false = false,
): void {
  void test(name, { skip }, async (t) => story(t, async (settings) => startGateway(t, settings)));
  void test(`${name}, with Mosquitto`, { skip: skip === false ? withoutMosquitto : skip }, async (t) => {
    const { url } = await startByConf(t);
    await story(t, async (settings = {}) =>
      startGateway(t, { ...settings, args: ['--no-broker', '--mqtt', url, ...(settings.args ?? [])] }),
    );
  });
}
