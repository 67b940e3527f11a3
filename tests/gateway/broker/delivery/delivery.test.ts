// The delivery rules on our broker over TCP, by its own way and by aedes', and on Mosquitto for comparison.
import { MQTT_VERSION } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { openRawClient } from '../../../support/mqtt/raw-mqtt.js';
import { deliverySuite } from './delivery-suite.js';

deliverySuite('the embedded broker over TCP', async (t) => {
  const { url, port } = await startBroker(t);
  return { url, openRaw: async (clientId) => openRawClient(t, port, clientId) };
});

// The other way has MQTT 5's sessions from our own alone.
if (MQTT_VERSION === 4)
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
