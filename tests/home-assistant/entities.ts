// Which entities the gateway tells of, and what it says of each of its fields itself.
import type { Value } from '../../shared/sample.js';
import { retainedBelow } from '../support/mqtt/retained-topics.js';

export interface Entity {
  readonly entity: string;
  /** Of a field: as its state has it; undefined of what is no field. */
  readonly value?: string | undefined;
}

interface Payload {
  readonly components: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export async function entities(url: string): Promise<readonly Entity[]> {
  const [told, said] = [
    await retainedBelow(url, 'homeassistant/device/greenhouse'),
    await retainedBelow(url, 'iot/greenhouse'),
  ];
  const states = new Map(
    [...said].flatMap(([topic, text]) =>
      topic.endsWith('/state')
        ? [[topic, (JSON.parse(text) as { values: Record<string, Value> }).values] as const]
        : [],
    ),
  );
  return [...told.values()].flatMap((text) =>
    Object.values((JSON.parse(text) as Payload).components).flatMap((component) => {
      const { default_entity_id: entity, unique_id: id = '', state_topic: topic = '' } = component;
      if (entity === undefined) return [];
      const [, field] = /\/field\/(.+)$/.exec(id) ?? [];
      const value = field === undefined ? undefined : states.get(topic)?.[field];
      return [{ entity, value: value === undefined ? undefined : asShown(value) }];
    }),
  );
}

function asShown(value: Value): string {
  if (value === null) return 'unknown';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
