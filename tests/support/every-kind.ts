// A configuration with a field and a command of each kind, for whoever shows them: names that break JSON and templates, limits
// that are none, units that nobody knows.
const AWKWARD = `it's "half" {{ 1 }} {% raw %} \\ ☼ 🌱`;

export const EVERY_KIND = {
  gateway: 'bench',
  home_assistant: true,
  buses: { main: { path: '/dev/i2c-1' } },
  types: {
    all: {
      ...{ label: AWKWARD, largest: { write: 301 } },
      samples: [
        {
          ...{ every: '1m', read: 32 },
          fields: {
            celsius: { type: 'int16le', scale: 0.01, unit: 'C', label: AWKWARD },
            soil_moisture: { type: 'uint8', unit: '%' },
            air: { type: 'uint8', unit: '%RH' },
            share: { type: 'uint8', unit: '%' },
            odd: { type: 'uint8', unit: 'furlong' },
            co2: { type: 'uint16le', unit: 'ppm' },
            dust: { type: 'uint16le', unit: 'µg/m³', class: 'pm25' },
            charge: { type: 'uint32le', unit: 'kWh' },
            exact: { type: 'float32le', round: 1 },
            ph: { type: 'uint8', scale: 0.1 },
            door: { type: 'bool', class: 'door' },
            valve: { type: 'bit', bit: 1 },
            mode: { type: 'uint8', names: { 0: 'off', 1: AWKWARD, 2: ' on ', 3: 'too much' } },
            serial: { type: 'hex', length: 2 },
            far: { type: 'int16le', unit: 'mm' },
          },
        },
        { every: '200ms', publish: 'on_change', write: [1], read: 1, fields: { glow: { type: 'uint8' } } },
        {
          ...{ every: '1m', write: [9], read: 19 },
          fields: { banner: { type: 'text', length: 16 }, short: { type: 'text', length: 3 } },
        },
      ],
      commands: {
        restart: { write: [1] },
        valve: { args: { open: { type: 'bool' } }, write: [2, '$open'] },
        mode: { args: { to: { type: 'uint8', max: 2 } }, write: [3, '$to'] },
        glow: { as: 'light', args: { level: { type: 'uint8', max: 100 } }, write: [4, '$level'] },
        lantern: { as: 'light', field: 'door', args: { on: { type: 'bool' } }, write: [5, '$on'] },
        blind: { as: 'light', field: false, args: { far: { type: 'uint8' } }, write: [6, '$far'] },
        target: {
          label: AWKWARD,
          args: { celsius: { type: 'int16le', scale: 0.1, min: 5, max: 30, unit: '°C' } },
          write: [7, '$celsius'],
        },
        banner: { args: { line: { type: 'text', length: 300, pad: 0x20 } }, write: [11, '$line'] },
        short: { args: { word: { type: 'text', length: 2 } }, write: [12, '$word'] },
        serial: { args: { to: { type: 'text', length: 8 } }, write: [14, '$to'] },
        preset: { args: { to: { type: 'uint8', names: { 0: 'low', 1: AWKWARD } } }, write: [13, '$to'] },
        huge: { args: { raw: { type: 'float64le' } }, write: [8, '$raw'] },
        fixed: { args: { one: { type: 'uint8', min: 1, max: 1 } }, write: [9, '$one'] },
        both: { args: { a: { type: 'uint8' }, b: { type: 'uint8' } }, write: [10, '$a', '$b'] },
      },
    },
  },
  devices: { 'all-1': { type: 'all', bus: 'main', address: 0x20, area: AWKWARD } },
};

export { AWKWARD };
