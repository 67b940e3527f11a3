// The example as its user wants it in Home Assistant: discovery on, its lamp a light, and a second one with a choice and a
// button, so that a command of each kind is there.
import type { ExampleConfig } from '../support/gateway-process.js';

const CHOICE = { level: { type: 'uint8' } };

export function forHomeAssistant(config: ExampleConfig): void {
  config['home_assistant'] = true;
  const { lamp } = config.types as Record<string, { commands?: Record<string, object> }>;
  config.types['signal'] = {
    ...structuredClone(lamp),
    samples: [
      {
        ...{ every: '1s', write: [0x10], read: 4, check: { kind: 'crc8', poly: 7 } },
        fields: {
          level: { type: 'uint8', names: { 0: 'off', 100: 'it\'s "half" {{ 1 }} ☼', 255: 'full' } },
          light: { type: 'uint16le', unit: 'furlong' },
        },
      },
    ],
    commands: {
      level: { args: CHOICE, write: [0x20, '$level'] },
      dark: { label: 'All off', write: [0x20, 0] },
    },
  };
  Object.assign(lamp?.commands?.['dim'] ?? {}, { as: 'light' });
  config.devices['signal-1'] = { type: 'signal', bus: 'main', address: 0x19, area: 'Porch' };
}
