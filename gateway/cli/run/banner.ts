// What a person reads after the start: where everything is, and what to type next.
import type { GatewayConfig } from '../../../shared/config/config.js';
import type { CommandSpec } from '../../../shared/device-type.js';
import { Topics } from '../../../shared/topics.js';
import type { Addresses } from '../../parts/info.js';
import { defaultDataFolder } from '../../process/paths.js';

export function banner(addresses: Addresses, config: GatewayConfig, dataDir: string): string {
  const topics = new Topics(config.mqtt.base, config.gateway);
  const devices = [...config.devices.values()];
  const commanded = devices.find((device) => onlyArgument(device.type.commands) !== undefined);
  const command = commanded && onlyArgument(commanded.type.commands);
  const [first] = devices;
  const needsUser = config.users !== undefined && !config.users.anonymous;
  const at = `${brokerOptions(addresses.mqtt)}${needsUser ? '-u NAME -P PASSWORD ' : ''}`;
  return [
    '',
    `  ${config.gateway} is live with ${String(devices.length)} devices`,
    `    page       ${addresses.page}`,
    `    MQTT       ${addresses.mqtt}`,
    `    WebSocket  ${addresses.webSocket}`,
    ...(addresses.https === undefined ? [] : [`    with TLS   ${addresses.https}`]),
    ...(addresses.mqtts === undefined ? [] : [`    with TLS   ${addresses.mqtts}`]),
    '  Try',
    `    mosquitto_sub ${at}-t '${config.mqtt.base}/#' -v`,
    ...(commanded && command
      ? [`    mosquitto_pub ${at}-t ${topics.command(commanded.id, command.name)} -m ${command.value}`]
      : []),
    ...(first ? [`    npx i2c-mqtt-gateway history ${first.id} --last 10m${dataOption(dataDir)}`] : []),
    '',
    '',
  ].join('\n');
}

/** `history` looks where `start` keeps things unless told otherwise. */
function dataOption(dataDir: string): string {
  return dataDir === defaultDataFolder ? '' : ` --data ${quoted(dataDir)}`;
}

/** mosquitto's tools assume port 1883 of this machine, without TLS. */
export function brokerOptions(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isHere = ['localhost', '127.0.0.1', '0.0.0.0', '::'].includes(host);
  const secure = protocol === 'mqtts:' || protocol === 'ssl:' || protocol === 'tls:';
  return [
    isHere ? '' : `-h ${host} `,
    port === '' || port === '1883' ? '' : `-p ${port} `,
    // The certificates of this machine; one of one's own making is to be named with --cafile.
    secure ? `${port === '' ? '-p 8883 ' : ''}--tls-use-os-certs ` : '',
  ].join('');
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function onlyArgument(
  commands: ReadonlyMap<string, CommandSpec>,
): { readonly name: string; readonly value: string } | undefined {
  for (const { id, args } of commands.values()) {
    const [arg, ...others] = args;
    if (arg === undefined || others.length > 0 || arg.type === 'bool') continue;
    return { name: id, value: String(Math.min(arg.max, Math.max(arg.min, 128))) };
  }
  return undefined;
}
