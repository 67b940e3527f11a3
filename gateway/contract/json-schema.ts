// Every MQTT message as JSON Schema, in one document: what `schema messages` prints.
import { TOPIC_TABLE } from '../../shared/topic-table.js';
import { messageSchemas, type JsonSchema } from './named.js';
import { MESSAGES_BY_TOPIC } from './topics.js';

/** `$defs` has each message by its name; each says on which topics it is. */
export function messageJsonSchema(): JsonSchema {
  const schemas = Object.entries(messageSchemas('#/$defs/'));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Messages of i2c-mqtt-gateway',
    $defs: Object.fromEntries(schemas.map(([name, schema]) => [name, { ...whereOf(name), ...schema }])),
  };
}

function whereOf(name: string): { readonly description?: string } {
  const rows = TOPIC_TABLE.filter(({ topic }) => MESSAGES_BY_TOPIC[topic]?.some((one) => one === name));
  if (rows.length === 0) return {};
  return { description: rows.map(({ topic, what }) => `<base>/<gateway>/${topic}: ${what}.`).join(' ') };
}
