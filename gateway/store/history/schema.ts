// The tables of the local history, and how they are read. One row a sample, because time, number and page overhead are
// then paid once for all of its readings; the values as a JSON array, because `21.5` is shorter as text than as a
// double, and nothing is lost on the way.
//
//   devices  name of a device ↔ id
//   origins  one run of a gateway, or of a client of it (`boot`), as seen from one device
//   series   which fields the samples of an origin have, in which order: ["temperature","level"]; and what their times
//            are worth: `clock` is their mark or empty, `run` whose clock gave the times. So an unmarked sample pays
//            nothing for that, and a correction marks all of a series by one row
//   history  (device, ts) → the values of those fields: [21.5,431]; `errors` is the JSON object, mostly NULL
//   stored   which `seq` of an origin are in the history or have been: whole runs, so that a row is hours of samples
//
// `history` is its own index (WITHOUT ROWID): a range of time of a device is one run of pages, oldest first. Whoever
// changes the `ts` of rows must keep `series.last_ts` at their maximum: what lies before the oldest row is cleaned up.

export const HISTORY_TABLES = `
  CREATE TABLE IF NOT EXISTS devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS origins (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL, boot TEXT NOT NULL, gateway TEXT NOT NULL,
    UNIQUE (device, boot, gateway)
  );
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL, gateway TEXT NOT NULL, fields TEXT NOT NULL, last_ts INTEGER NOT NULL,
    clock TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '',
    UNIQUE (origin, gateway, fields, clock, run)
  );
  CREATE TABLE IF NOT EXISTS history (
    device INTEGER NOT NULL, ts INTEGER NOT NULL, series INTEGER NOT NULL, seq INTEGER NOT NULL,
    readings TEXT NOT NULL, errors TEXT,
    PRIMARY KEY (device, ts, series, seq)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS stored (
    origin INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (origin, first)
  ) WITHOUT ROWID;
`;

/** From version 2, where samples of several gateways shared an origin if device and boot had the same names. */
export const BEFORE_ORIGINS_OF_GATEWAYS = 'ALTER TABLE origins RENAME TO origins_2';
/**
 * The first gateway keeps the row, another gets one of its own. Of which one a stored number was nobody knows any more:
 * so that what was stored is not stored again, it counts as stored of each.
 */
export const MOVE_ORIGINS = `
  INSERT INTO origins (id, device, boot, gateway)
    SELECT id, device, boot, coalesce(
      (SELECT gateway FROM series WHERE series.origin = origins_2.id ORDER BY series.id LIMIT 1), '')
    FROM origins_2;
  INSERT OR IGNORE INTO origins (device, boot, gateway)
    SELECT origins_2.device, origins_2.boot, series.gateway
    FROM series JOIN origins_2 ON origins_2.id = series.origin;
  INSERT INTO stored (origin, first, last)
    SELECT another.id, stored.first, stored.last
    FROM stored JOIN origins_2 ON origins_2.id = stored.origin
      JOIN origins AS another ON another.device = origins_2.device AND another.boot = origins_2.boot
    WHERE another.id <> origins_2.id;
  UPDATE series SET origin = (
    SELECT its.id FROM origins_2 JOIN origins AS its ON its.device = origins_2.device AND its.boot = origins_2.boot
    WHERE origins_2.id = series.origin AND its.gateway = series.gateway);
  DROP TABLE origins_2;
`;

/**
 * One field's readings of a range, to put into a FROM: columns `ts` and `value` (number, text, 1 or 0 for a boolean,
 * NULL for what was not believed), in order of time. Parameters: device name, field, gateway or NULL for any, device
 * name, first ts, end ts. Where no series is chosen nothing is walked.
 * CROSS JOIN keeps the order of the loops, so that the range is walked once (https://sqlite.org/optoverview.html §6).
 */
export const READINGS_OF_FIELD = `
  WITH chosen (series, path) AS MATERIALIZED (
    SELECT series.id, '$[' || field.key || ']'
    FROM devices JOIN origins ON origins.device = devices.id JOIN series ON series.origin = origins.id,
      json_each(series.fields) AS field
    WHERE devices.name = ? AND field.value = ? AND series.gateway = coalesce(?, series.gateway)
  )
  SELECT history.ts AS ts, json_extract(history.readings, chosen.path) AS value
  FROM history CROSS JOIN chosen ON chosen.series = history.series
  WHERE history.device = (SELECT id FROM devices WHERE name = ?) AND history.ts >= ? AND history.ts < ?
    AND EXISTS (SELECT 1 FROM chosen)`;

/** The same, past readings that are no JSON any more. */
export const READINGS_OF_SOUND = READINGS_OF_FIELD.replace(
  'json_extract(history.readings, chosen.path)',
  'CASE WHEN json_valid(history.readings) THEN json_extract(history.readings, chosen.path) END',
);
