// The MessageBus contract, kept by every implementation.
import { startBroker } from '../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../support/mqtt/mosquitto.js';
import { startOldBroker } from '../support/mqtt/old-broker.js';
import { startOutside } from '../support/mqtt/outside-broker.js';
import { messageBusContract } from './message-bus.js';

messageBusContract('the embedded broker', async (t) => {
  const { broker, url } = await startBroker(t);
  return { bus: broker.bus, url, tellsLiveRetain: true, stop: async () => broker.stop() };
});

messageBusContract(
  'Mosquitto from outside',
  async (t) => {
    const { url } = await startMosquitto(t);
    const { outside } = await startOutside(t, url);
    return { bus: outside.bus, url, tellsLiveRetain: true, stop: async () => outside.stop() };
  },
  withoutMosquitto,
);

messageBusContract('the embedded broker of another gateway', async (t) => {
  const { url } = await startBroker(t);
  const { outside } = await startOutside(t, url);
  return { bus: outside.bus, url, tellsLiveRetain: true, stop: async () => outside.stop() };
});

messageBusContract('a broker that speaks MQTT 3.1.1 alone', async (t) => {
  const { url } = await startOldBroker(t);
  const { outside } = await startOutside(t, url);
  return { bus: outside.bus, url, tellsLiveRetain: false, stop: async () => outside.stop() };
});
