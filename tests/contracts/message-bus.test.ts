// The MessageBus contract, kept by every implementation.
import { startBroker } from '../support/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../support/mosquitto.js';
import { startOutside } from '../support/outside-broker.js';
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

messageBusContract('an MQTT 3.1.1 broker from outside', async (t) => {
  const { url } = await startBroker(t);
  const { outside } = await startOutside(t, url);
  return { bus: outside.bus, url, tellsLiveRetain: false, stop: async () => outside.stop() };
});
