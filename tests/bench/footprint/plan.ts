// What all contenders do: so many devices, so often.
export interface Plan {
  readonly devices: number;
  readonly everyMs: number;
}

/** One day: as good as never. */
export const NEVER_MS = 86_400_000;
export const SITE = 'iot/bench';
export const FIRST_ADDRESS = 0x10;
export const READ_BYTES = 8;

export const nameOf = (device: number): string => `d${String(device)}`;
export const topicOf = (device: number, rest: string): string => `${SITE}/device/${nameOf(device)}/${rest}`;

/** For the gateway, on the bus of this device file. */
export function configOf({ devices, everyMs }: Plan, busPath: string): string {
  // 0x78 and above are reserved: more than these share an address, which the wire does not mind.
  const lines = Array.from({ length: devices }, (_, n) => {
    const [bus, address] = [n < 100 ? 'main' : 'other', FIRST_ADDRESS + (n % 100)];
    return `  ${nameOf(n)}: { type: t, bus: ${bus}, address: ${String(address)} }\n`;
  });
  return `gateway: bench
mqtt: { port: 0, values: false }
http: { port: 0 }
log: { level: warn }
buses: { main: { path: ${busPath}, speed: 5000000 } }
types:
  t:
    rest: 0ms
    samples:
      - every: ${String(everyMs)}ms
        write: [0x00]
        read: ${String(READ_BYTES)}
        repeated_start: true
        fields: { a: { type: uint16le }, b: { type: uint16le }, c: { type: uint16le }, d: { type: uint16le } }
    commands:
      cmd: { args: { a: { type: uint8 } }, write: [0x01, $a] }
devices:
${lines.join('')}`;
}
