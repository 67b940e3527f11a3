// A first configuration as a person would write it: few keys, and beside each what it is for.
import { SIMULATED, type Wishes } from './wishes.js';

/** In the configuration, relative to it. */
export const PASSWORDS = 'passwords';
export const RIGHTS = 'acl';

export function configText(wishes: Wishes, file: string): string {
  const isSimulated = wishes.bus === SIMULATED;
  return [
    '# A gateway from I2C to MQTT. When something is changed here, look whether it is sound:',
    `#   npx i2c-mqtt-gateway check --config ${file}`,
    '# All keys: docs/settings.md. How a device is described, step by step: docs/describing-a-device.md',
    '',
    `# Its place in all topics: iot/${wishes.gateway}/…`,
    `gateway: ${quoted(wishes.gateway)}`,
    '',
    ...(isSimulated ? simulatedBus() : realBus(wishes)),
    '',
    ...doors(wishes),
    '',
    '# What is recorded is kept for so long (s, m, h, d).',
    'recorder: { keep: 30d }',
    '',
  ].join('\n');
}

function simulatedBus(): string[] {
  return [
    '# Started with --simulate no bus is needed; without it this has to be one of this machine (ls /dev/i2c-*).',
    'buses:',
    '  main: { path: /dev/i2c-1 }',
    '',
    '# How each kind of device talks.',
    'types:',
    '  lamp:',
    '    label: Lamp',
    '    samples:',
    '      # Every second the byte 0x10 is written, a register, and four bytes are read: a level, daylight, and their CRC.',
    '      - every: 1s',
    '        write: [0x10]',
    '        read: 4',
    '        check: { kind: crc8 }',
    '        fields:',
    '          level: { type: uint8, label: Brightness }',
    '          light: { type: uint16le, unit: lx, max: 1000, label: Daylight }',
    '    commands:',
    '      # The byte 0x20 and then the level; it goes out again after ten minutes.',
    '      dim:',
    '        label: Dim',
    '        args: { level: { type: uint8, label: Brightness } }',
    '        write: [0x20, $level]',
    '        safe: { args: { level: 0 } }',
    '        for: { default: 10m, max: 1h }',
    '',
    '# Which devices there are, and where.',
    'devices:',
    '  lamp-1: { type: lamp, bus: main, address: 0x18, label: A lamp }',
  ];
}

function realBus({ bus, addresses }: Wishes): string[] {
  const first = ['buses:', `  main: { path: ${quoted(bus)} }`, ''];
  if (addresses.length === 0)
    return [
      ...first,
      '# How each kind of device talks, and which there are: none yet. `npx i2c-mqtt-gateway scan` says who answers.',
      'types: {}',
      'devices: {}',
    ];
  return [
    ...first,
    '# How each kind of device talks. Of this one nothing is known yet but that it answers: a byte is read of it, so that it',
    '# is seen to be there. What it really says goes here, such as: write: [0x10], read: 4, fields: { … }',
    'types:',
    '  unknown:',
    '    samples:',
    '      - every: 5s',
    '        read: 1',
    '        fields:',
    '          first_byte: { type: uint8 }',
    '',
    '# Which devices there are, and where. Give each a name of its own, and a type.',
    'devices:',
    ...addresses.map(
      (address) => `  device-${hex(address)}: { type: unknown, bus: main, address: 0x${hex(address)} }`,
    ),
  ];
}

function doors({ host, mqttPort, httpPort, user }: Wishes): string[] {
  const users = `users: { password_file: ${PASSWORDS}, acl_file: ${RIGHTS} }`;
  const where = [
    `mqtt: { host: ${quoted(host)}, port: ${String(mqttPort)} }`,
    `http: { host: ${quoted(host)}, port: ${String(httpPort)} }`,
  ];
  if (user !== undefined)
    return [
      '# Who may come in: passwd and user change these files, and docs/users.md says what a role may.',
      users,
      '',
      '# Where it is reached: the broker, and the page. 127.0.0.1 is this machine alone, 0.0.0.0 everything.',
      ...where,
    ];
  return [
    '# Where it is reached: the broker, and the page. 127.0.0.1 is this machine alone. To let others in, make users',
    '# (docs/users.md), write 0.0.0.0 in its place, and add this line:',
    `# ${users}`,
    ...where,
  ];
}

function hex(address: number): string {
  return address.toString(16).padStart(2, '0');
}

/** As YAML takes it for a text, whatever is in it. */
function quoted(text: string): string {
  const isPlain = /^[a-z/][\w./-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain || /^\d+(\.\d+){3}$/.test(text) ? text : JSON.stringify(text);
}
