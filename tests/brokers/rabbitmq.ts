// Debian's RabbitMQ with its MQTT plugin, as a node of its own beside an installed one: own name, ports, folder, cookie
// and port mapper.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerKind, Place, Started } from './broker-kind.js';

const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Below the kernel's own ports as `port` is: its neighbours, for what RabbitMQ has beside MQTT. */
function besides({ port }: Place): {
  readonly amqp: number;
  readonly nodes: number;
  readonly mapper: number;
} {
  return { amqp: port + 1, nodes: port + 2, mapper: port + 3 };
}

async function prepare(place: Place): Promise<Started> {
  const { port, folder } = place;
  const { amqp, nodes, mapper } = besides(place);
  const config = join(folder, 'rabbitmq.conf');
  const plugins = join(folder, 'enabled_plugins');
  await mkdir(join(folder, 'home'), { recursive: true });
  await writeFile(plugins, '[rabbitmq_mqtt].\n');
  await writeFile(
    config,
    `listeners.tcp.1 = 127.0.0.1:${String(amqp)}
mqtt.listeners.tcp.1 = 127.0.0.1:${String(port)}
mqtt.allow_anonymous = true
mqtt.retained_message_store = rabbit_mqtt_retained_msg_store_dets
`,
  );
  return {
    command: SERVER,
    args: [],
    env: {
      HOME: join(folder, 'home'),
      RABBITMQ_NODENAME: `table${String(port)}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_DIST_PORT: String(nodes),
      ERL_EPMD_PORT: String(mapper),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
      RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    },
  };
}

export const RABBITMQ: Omit<BrokerKind, 'version'> = {
  id: 'rabbitmq',
  name: 'RabbitMQ (Debian 12)',
  prepare,
  beside: (place) => {
    const { mapper } = besides(place);
    return { command: 'epmd', args: ['-port', String(mapper), '-address', '127.0.0.1'] };
  },
};
