// What the bench of the page looks at: a gateway with a hundred values a second, and a year of one field in its store.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadSqlite } from '../../../gateway/store/sqlite/load.js';
import { openStoreFile, storePath } from '../../../gateway/store/file/store.js';

const YEAR_MS = 365 * 86_400_000;
/** With three fields each, read every second; and the one with a year behind it, with one. */
const DEVICES = 33;
export const METER = 'meter-1';
export const VALUES_A_SECOND = DEVICES * 3 + 1;

function typeOf(fields: readonly string[]): object {
  const described = fields.map((field) => [field, { type: 'uint16le', max: 65_535 }] as const);
  return {
    samples: [{ every: '1s', write: [1], read: 2 * fields.length, fields: Object.fromEntries(described) }],
  };
}

/** Its file, in `folder`. */
export async function writeSite(folder: string): Promise<string> {
  const sensors = Array.from({ length: DEVICES }, (_, index): [id: string, device: object] => [
    `sensor-${String(index + 1)}`,
    { type: 'sensor', bus: 'main', address: 0x10 + index },
  ]);
  const config = {
    gateway: 'greenhouse',
    mqtt: { port: 0 },
    http: { port: 0 },
    recorder: { keep: '400d' },
    buses: { main: { path: '/dev/i2c-1' } },
    types: { sensor: typeOf(['temperature', 'humidity', 'light']), meter: typeOf(['level']) },
    devices: {
      ...Object.fromEntries(sensors),
      [METER]: { type: 'meter', bus: 'main', address: 0x70 },
    },
  };
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, stringify(config));
  return file;
}

/** A year of the meter until now, as the local history keeps it, in one statement. Returns how many readings it has. */
export async function fillYear(folder: string, everyMs: number): Promise<number> {
  const { database } = openStoreFile(await loadSqlite(), storePath(folder));
  const [count, last] = [Math.floor(YEAR_MS / everyMs), Date.now()];
  const first = last - (count - 1) * everyMs;
  database.exec('PRAGMA synchronous = OFF');
  database.exec('BEGIN');
  database.prepare('INSERT INTO devices (id, name) VALUES (1, ?)').run(METER);
  database
    .prepare('INSERT INTO origins (id, device, boot, gateway) VALUES (1, 1, ?, ?)')
    .run('boot-a', 'greenhouse');
  database
    .prepare('INSERT INTO series (id, origin, gateway, fields, last_ts) VALUES (1, 1, ?, ?, ?)')
    .run('greenhouse', '["level"]', last);
  database.prepare('INSERT INTO stored (origin, first, last) VALUES (1, 0, ?)').run(count - 1);
  database
    .prepare(
      `WITH RECURSIVE n (seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)
       INSERT INTO history (device, ts, series, seq, readings, errors)
       SELECT 1, ? + seq * ?, 1, seq, '[' || (400 + seq % 90) || ']', NULL FROM n`,
    )
    .run(count - 1, first, everyMs);
  database.exec('COMMIT');
  database.close();
  return count;
}
