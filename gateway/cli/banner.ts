// What a person reads after the start: where everything is, and what to type next.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { CommandSpec } from '../../shared/device-type.js';
import { Topics } from '../../shared/topics.js';
import type { Addresses } from '../info.js';
import { defaultDataFolder } from '../paths.js';

export function banner(addresses: Addresses, config: GatewayConfig, dataDir: string): string {
  const topics = new Topics(config.mqtt.base, config.gateway);
  const devices = [...config.devices.values()];
  const commanded = devices.find((device) => onlyArgument(device.type.commands) !== undefined);
  const command = commanded && onlyArgument(commanded.type.commands);
  const [first] = devices;
  const needsUser = config.users !== undefined && !config.users.anonymous;
  const at = `${portOption(addresses.mqtt)}${needsUser ? '-u NAME -P PASSWORD ' : ''}`;
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
  return dataDir === defaultDataFolder ? '' : ` --data ${dataDir}`;
}

/** mosquitto's tools assume 1883. */
function portOption(url: string): string {
  const { port } = new URL(url);
  return port === '' || port === '1883' ? '' : `-p ${port} `;
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
