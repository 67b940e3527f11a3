// The brokers of docs/brokers.md, each as its own documentation starts it, with what it can keep on disk kept there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../gateway/process/paths.js';
import { findMosquitto } from '../support/mqtt/mosquitto.js';
import { replaceOnce } from '../support/mqtt/mosquitto-conf.js';
import type { BrokerKind, Place, Started } from './broker-kind.js';
import { cached, cachedName } from './cache.js';
import { RABBITMQ } from './rabbitmq.js';

/** The repository's mosquitto.conf: what it says is kept, and its limits. */
async function mosquittoConf({ port, folder }: Place): Promise<string> {
  const ours = await readFile(join(packageRoot, 'mosquitto.conf'), 'utf8');
  const text = [
    ['listener 1883 127.0.0.1', `user root\nlistener ${String(port)} 127.0.0.1`],
    ['listener 8081 127.0.0.1\nprotocol websockets\nmax_connections 1000', ''],
    ['/var/lib/mosquitto/', `${folder}/`],
  ].reduce((sofar, [from = '', to = '']) => replaceOnce(sofar, from, to), ours);
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, text);
  return file;
}

/** mosquitto(8), Broker status. */
const droppedTopic = '$SYS/broker/publish/messages/dropped';

const MOSQUITTO: BrokerKind = {
  droppedTopic,
  id: 'mosquitto',
  name: 'Mosquitto (Debian 12)',
  version: () => debianVersion('mosquitto'),
  prepare: async (place) => ({
    command: findMosquitto() ?? 'mosquitto',
    args: ['-c', await mosquittoConf(place)],
  }),
};

/** With the C library it was made for: Debian's next release has a newer one. */
const MOSQUITTO_FORKY: BrokerKind = {
  droppedTopic,
  id: 'mosquitto-forky',
  name: 'Mosquitto (Debian forky)',
  version: () => textOf(cached('mosquitto-forky', 'version')),
  prepare: async (place) => ({
    command: cached('mosquitto-forky', 'mosquitto'),
    args: ['-c', await mosquittoConf(place)],
  }),
};

/** Of Moquette, which says nothing otherwise. */
const LOG4J = `-Dlog4j.configuration=file:${join(packageRoot, 'tests/brokers/moquette/log4j.properties')}`;

function javaBroker(id: string, name: string, main: string, jar: RegExp): BrokerKind {
  return {
    id,
    name,
    version: () => cachedName(join(id, 'lib'), jar),
    prepare: async ({ port, folder }): Promise<Started> => {
      const path = [cached(id, 'classes'), cached(id, 'lib', '*')].join(':');
      return Promise.resolve({
        command: 'java',
        args: ['-Xmx512m', LOG4J, '-cp', path, main, String(port), folder],
      });
    },
  };
}

const RUMQTTD: BrokerKind = {
  id: 'rumqttd',
  name: 'rumqttd',
  version: () => /"rumqttd (\S+)/.exec(textOf(cached('rumqttd', '.crates.toml')) ?? '')?.[1],
  prepare: async ({ port, folder }) => {
    const file = join(folder, 'rumqttd.toml');
    await writeFile(file, rumqttdConfig(port));
    return { command: cached('rumqttd', 'bin', 'rumqttd'), args: ['-c', file] };
  },
};

function rumqttdConfig(port: number): string {
  return `id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v4.1]
name = "v4"
listen = "127.0.0.1:${String(port)}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 100
dynamic_filters = true
`;
}

const NATS: BrokerKind = {
  id: 'nats',
  name: 'nats-server',
  version: () => {
    const binary = cached('nats', 'nats-server');
    if (!existsSync(binary)) return undefined;
    return /v(\d\S*)/.exec(execFileSync(binary, ['--version'], { encoding: 'utf8' }))?.[1];
  },
  prepare: async ({ port, folder }) => {
    const file = join(folder, 'nats.conf');
    const store = join(folder, 'jetstream');
    await mkdir(store, { recursive: true });
    await writeFile(
      file,
      `server_name: table
host: 127.0.0.1
port: -1
jetstream { store_dir: "${store}" }
mqtt { host: 127.0.0.1, port: ${String(port)} }
`,
    );
    return { command: cached('nats', 'nats-server'), args: ['-c', file] };
  },
};

const MOCHI: BrokerKind = {
  id: 'mochi',
  name: 'mochi-mqtt',
  version: () =>
    existsSync(cached('mochi', 'mochi'))
      ? /server\/v2 v(\S+)/.exec(textOf(join(packageRoot, 'tests/brokers/mochi/go.mod')) ?? '')?.[1]
      : undefined,
  prepare: async ({ port }) => Promise.resolve({ command: cached('mochi', 'mochi'), args: [String(port)] }),
};

export const BROKERS: readonly BrokerKind[] = [
  MOSQUITTO,
  MOSQUITTO_FORKY,
  { ...RABBITMQ, version: () => debianVersion('rabbitmq-server') },
  javaBroker('artemis', 'ActiveMQ Artemis', 'Artemis', /^artemis-server-(\d.*)\.jar$/),
  javaBroker('hivemq', 'HiveMQ CE', 'HiveMq', /^hivemq-community-edition-embedded-(\d.*)\.jar$/),
  { ...javaBroker('moquette', 'Moquette', 'Moquette', /^moquette-broker-(\d.*)\.jar$/), takesDup: false },
  RUMQTTD,
  NATS,
  MOCHI,
];

export function brokerNamed(id: string): BrokerKind {
  const kind = BROKERS.find((one) => one.id === id);
  if (kind === undefined)
    throw new Error(`no such broker: ${id} (${BROKERS.map((one) => one.id).join(', ')})`);
  return kind;
}

/** For a test's `skip` option: why, said loudly, or false. */
export function without({ id, name, version }: BrokerKind): string | false {
  return version() === undefined && `${name.toUpperCase()} IS NOT THERE: tests/brokers/prepare ${id}`;
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function debianVersion(name: string): string | undefined {
  try {
    const query = ['-W', '-f', '${Version}', name];
    return execFileSync('dpkg-query', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // Not installed, or no Debian: either way it is not there.
    return undefined;
  }
}
