// An MQTT.js client that speaks version 5 and keeps the packets it received, properties and all.
import type { TestContext } from 'node:test';
import type { IClientOptions, IPublishPacket } from 'mqtt';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import { until } from '../../../support/waiting.js';

export interface Client5 extends TestClient {
  readonly packets: IPublishPacket[];
  /** The reason of the server's goodbye. */
  goodbye(): Promise<number | undefined>;
}

export async function connect5(
  t: Pick<TestContext, 'after'>,
  url: string,
  options: IClientOptions = {},
): Promise<Client5> {
  const packets: IPublishPacket[] = [];
  let reason: { readonly code: number | undefined } | undefined;
  const client = await connectClient(t, url, { protocolVersion: 5, ...options }, (mqtt) => {
    mqtt.on('message', (_topic, _payload, packet) => packets.push(packet));
    mqtt.on('disconnect', ({ reasonCode }) => (reason = { code: reasonCode }));
  });
  return Object.assign(client, {
    packets,
    goodbye: async () => (await until('the goodbye', () => reason)).code,
  });
}
