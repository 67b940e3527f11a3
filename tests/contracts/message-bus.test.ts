// The MessageBus contract, kept by every implementation.
import { startBroker } from '../support/embedded-broker.js';
import { messageBusContract } from './message-bus.js';

messageBusContract('the embedded broker', async (t) => {
  const { broker, url } = await startBroker(t);
  return { bus: broker.bus, url, tellsLiveRetain: true, stop: async () => broker.stop() };
});
