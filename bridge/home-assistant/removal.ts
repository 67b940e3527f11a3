// How Home Assistant is told that a component, or all of a device, is gone: by its key with nothing but its platform. Of one that
// it does not know it takes no notice, whereas an empty message of a device that it does not know is a warning in its log.
import { MAKER, prefixOf } from './names.js';
import { PLATFORMS, type Components, type DiscoveryMessage, type DiscoveryPayload } from './payload.js';

/** `gone`: keys of what was told once and is no longer there. */
export function withRemovals(
  components: Components,
  gone: readonly string[],
): DiscoveryPayload['components'] {
  const removed = gone.flatMap((key) => {
    const platform = PLATFORMS.find((known) => key.startsWith(`${known}_`));
    return platform === undefined || components.has(key) ? [] : [[key, { platform }] as const];
  });
  return Object.fromEntries([...components, ...removed]);
}

/** Of a device that is gone. Its retained message is cleared, but Home Assistant may have been away then. */
export function removalMessage(topic: string, gone: readonly string[], version: string): DiscoveryMessage {
  const name = topic.slice(prefixOf(topic).length);
  return {
    topic,
    payload: {
      device: { identifiers: [`${MAKER}${name}`], name, manufacturer: MAKER, model: 'gone' },
      origin: { name: MAKER, sw_version: version },
      qos: 1,
      components: withRemovals(new Map(), gone),
    },
  };
}
