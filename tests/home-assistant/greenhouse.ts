// The example as its user wants it in Home Assistant: discovery on, its lamp a light, a second one with a choice and a
// button, and a panel with a line of text, so that a command of each kind is there.
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
  config.types['panel'] = {
    samples: [{ every: '1s', write: [0x30], read: 20, fields: { line: { type: 'text', length: 20 } } }],
    commands: {
      line: {
        args: { text: { type: 'text', length: 20, pad: 0x20 } },
        write: [0x30, '$text'],
        verify: { write: [0x30], read: 20, equals: '$text' },
      },
    },
  };
  config.devices['panel-1'] = { type: 'panel', bus: 'main', address: 0x1a };
  Object.assign(lamp?.commands?.['dim'] ?? {}, { as: 'light' });
  config.devices['signal-1'] = { type: 'signal', bus: 'main', address: 0x19, area: 'Porch' };
}
