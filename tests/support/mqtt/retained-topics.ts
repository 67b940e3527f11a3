// What a broker has retained below a topic, as a client finds it that comes now.
import { connectClient } from './client.js';

/** Topic → text. */
export async function retainedBelow(
  url: string,
  root: string,
  marker = 'end-of-retained',
): Promise<ReadonlyMap<string, string>> {
  const client = await connectClient({ after: () => undefined }, url);
  try {
    await client.subscribe(`${root}/#`, 1);
    await client.subscribe(marker, 1);
    // What is retained comes with the subscription; this comes behind it.
    await client.publish(marker, 'end', { qos: 1 });
    await client.message(marker);
    return new Map(client.received.filter(({ retain }) => retain).map(({ topic, text }) => [topic, text]));
  } finally {
    await client.mqtt.endAsync(true);
  }
}
