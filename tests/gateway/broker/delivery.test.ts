// The delivery rules on our broker over TCP, by its own way and by aedes', and on Mosquitto for comparison.
import { startBroker } from '../../support/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../support/mosquitto.js';
import { openRawClient } from '../../support/raw-mqtt.js';
import { deliverySuite } from './delivery-suite.js';

deliverySuite('the embedded broker over TCP', async (t) => {
  const { url, port } = await startBroker(t);
  return { url, openRaw: async (clientId) => openRawClient(t, port, clientId) };
});

deliverySuite("the embedded broker by aedes' own way", async (t) => {
  const { url, port } = await startBroker(t, {}, { anonymous: true }, 'aedes');
  return { url, openRaw: async (clientId) => openRawClient(t, port, clientId) };
});

deliverySuite(
  'Mosquitto over TCP',
  async (t) => {
    const { url, port } = await startMosquitto(t);
    return { url, openRaw: async (clientId) => openRawClient(t, port, clientId) };
  },
  withoutMosquitto,
);
