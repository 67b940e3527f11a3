// What things are called in Home Assistant: topics, ids that stay, and how people read them.
import type { AvailabilityPlace, Platform } from './payload.js';

export const MAKER = 'i2c-mqtt-gateway';

/** What a component is made of: ids of fields, commands and alarms may be the same. */
export type Origin = 'field' | 'command' | 'reply' | 'alarm';

/** Whose component it is: the gateway's own where there is no device. */
export interface Owner {
  readonly gateway: string;
  /** By its first id. */
  readonly device?: string;
}

export function discoveryTopic(prefix: string, { gateway, device }: Owner): string {
  return [prefix, 'device', gateway, ...(device === undefined ? [] : [device]), 'config'].join('/');
}

/** The first levels of such a topic: where Home Assistant says that it has started. */
export function prefixOf(topic: string): string {
  return topic.slice(0, Math.max(0, topic.lastIndexOf('/device/')));
}

/** The identifier of a device. No id has a slash: no two are the same. */
export function identifierOf(owner: Owner): string {
  return [MAKER, ...placeOf(owner)].join('/');
}

export interface Identity {
  readonly name: string;
  readonly unique_id: string;
  readonly default_entity_id: string;
}

export interface Named {
  readonly platform: Platform;
  readonly origin?: Origin;
  readonly id: string;
  readonly was?: string | undefined;
  readonly label?: string | undefined;
}

/** What was renamed stays for Home Assistant what it was first: all that is its user's there hangs on that. */
export function firstIdOf({ id, was }: { readonly id: string; readonly was?: string | undefined }): string {
  return was ?? id;
}

/** Within its device. It begins with the platform. */
export function keyOf({ platform, origin, ...named }: Named): string {
  return [platform, ...(origin === undefined ? [] : [origin]), firstIdOf(named)].join('_');
}

export function identityOf(owner: Owner, { platform, origin, label, ...named }: Named): Identity {
  const id = firstIdOf(named);
  const entity = [...placeOf(owner), id, ...(origin === 'reply' || origin === 'alarm' ? [origin] : [])];
  return {
    name: label ?? readable(named.id),
    unique_id: [...placeOf(owner), ...(origin === undefined ? [] : [origin]), id].join('/'),
    default_entity_id: `${platform}.${entity.join('_').replaceAll('-', '_')}`,
  };
}

/** `channel_1` → `Channel 1`. */
function readable(id: string): string {
  const words = id.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function placeOf({ gateway, device }: Owner): string[] {
  return device === undefined ? [gateway] : [gateway, device];
}

/** While the gateway is online. */
export function gatewayAvailability(statusTopic: string): AvailabilityPlace {
  return {
    topic: statusTopic,
    value_template: "{{ value_json.state if value_json is defined else 'offline' }}",
  };
}

/** Unless it is offline: a degraded device is read on. */
export function deviceAvailability(topic: string): AvailabilityPlace {
  return {
    topic,
    value_template:
      "{{ 'offline' if value_json is not defined or value_json.state == 'offline' else 'online' }}",
  };
}
