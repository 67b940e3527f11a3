// The topics as an AsyncAPI document: what `schema asyncapi` prints.
import { TOPIC_TABLE, type TopicInWords } from '../../shared/topic-table.js';
import { messageSchemas, type JsonSchema } from './named.js';
import { BARE_VALUE, MESSAGES_BY_TOPIC } from './topics.js';

const LEVELS: Readonly<Record<string, readonly [name: string, what: string]>> = {
  base: ['base', '`mqtt.base` of the configuration, `iot` unless set.'],
  gateway: ['gateway', 'The gateway’s id.'],
  '<b>': ['bus', 'Id of a bus.'],
  '<d>': ['device', 'Id of a device.'],
  '<field>': ['field', 'Id of a field.'],
  '<name>': ['name', 'Id of a command.'],
  '<level>': ['level', 'debug, info, warn or error.'],
  '<op>': ['op', 'Name of a request.'],
};

/** Of the gateway: what it sends, and what it receives. */
export function asyncApiDocument(version: string): JsonSchema {
  const channels = TOPIC_TABLE.map((row) => [channelId(row), channelOf(row)] as const);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'i2c-mqtt-gateway',
      version,
      license: { name: 'MIT' },
      description: 'Devices on I²C buses over MQTT. Times are epoch milliseconds.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(TOPIC_TABLE.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries([...messageNames()].map((name) => [name, messageOf(name)])),
      schemas: messageSchemas('#/components/schemas/'),
    },
  };
}

/** `device/<d>/reply/<name>` → `device_reply`. */
function channelId({ topic }: TopicInWords): string {
  return topic
    .split('/')
    .filter((level) => !level.startsWith('<'))
    .join('_');
}

function channelOf({ topic, what }: TopicInWords): JsonSchema {
  const levels = ['base', 'gateway', ...(topic.match(/<[a-z]+>/g) ?? [])].map(
    (level) => LEVELS[level] ?? [level, level],
  );
  const below = topic.replaceAll(/<[a-z]+>/g, (level) => `{${LEVELS[level]?.[0] ?? level}}`);
  const names = MESSAGES_BY_TOPIC[topic] ?? [];
  return {
    address: `{base}/{gateway}/${below}`,
    description: what,
    parameters: Object.fromEntries(levels.map(([name, description]) => [name, { description }])),
    messages: Object.fromEntries(
      names.map(messageId).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
  };
}

function operationsOf(row: TopicInWords): [string, JsonSchema][] {
  const id = channelId(row);
  const channel = { $ref: `#/channels/${id}` };
  const names = (MESSAGES_BY_TOPIC[row.topic] ?? []).map(messageId);
  const operation = (action: 'send' | 'receive', name: string | undefined): JsonSchema => ({
    action,
    channel,
    bindings: { mqtt: { retain: action === 'send' && row.retained } },
    messages: [{ $ref: `#/channels/${id}/messages/${String(name)}` }],
  });
  return [
    ...(row.by === 'you' ? [] : [[`send_${id}`, operation('send', names[0])] as [string, JsonSchema]]),
    ...(row.by === 'gateway'
      ? []
      : [[`receive_${id}`, operation('receive', names.at(-1))] as [string, JsonSchema]]),
  ];
}

function messageNames(): Set<string> {
  return new Set(Object.values(MESSAGES_BY_TOPIC).flat().map(messageId));
}

function messageId(name: string): string {
  return name === BARE_VALUE ? 'BareValue' : name;
}

function messageOf(name: string): JsonSchema {
  if (name !== 'BareValue') return { name, payload: { $ref: `#/components/schemas/${name}` } };
  return { name, contentType: 'text/plain', payload: { type: ['number', 'boolean', 'string'] } };
}
