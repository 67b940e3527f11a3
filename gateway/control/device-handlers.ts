// What the shell asks of devices: what their retained topics say, and a command. Not for MQTT and HTTP, which have ways
// of their own for both, with rights.
import type { CommandBridge } from '../../bridge/commands/bridge.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { DeviceSaid } from '../../bridge/polling/said.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import { GatewayError } from '../../shared/errors.js';
import { encodeJson } from '../../shared/messages.js';

export interface DeviceAnswerers {
  readonly poller: Pick<Poller, 'said'>;
  readonly commands: Pick<CommandBridge, 'execute'>;
}

export interface ListedDevice extends DeviceSaid {
  readonly id: string;
}

/** In the order of the configuration. */
export interface ListedDevices {
  readonly devices: readonly ListedDevice[];
}

/** `devices` answers ListedDevices; `command`, of `{device, command, payload}`, the command's reply. */
export function deviceHandlers({ poller, commands }: DeviceAnswerers): Map<string, RequestHandler> {
  return new Map<string, RequestHandler>([
    [
      'devices',
      () => Promise.resolve({ devices: [...poller.said()].map(([id, said]) => ({ id, ...said })) }),
    ],
    [
      'command',
      async ({ device, command, payload }) =>
        commands.execute(textOf('device', device), textOf('command', command), encodeJson(payload ?? {}), {
          client: 'shell',
        }),
    ],
  ]);
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GatewayError('bad_payload', `${key} is missing, or no text.`);
}
