// The tables of the local history, and how they are read. One row a sample, because time, number and page overhead are
// then paid once for all of its readings; the values as a JSON array, because `21.5` is shorter as text than as a
// double, and nothing is lost on the way.
//
//   devices  name of a device ↔ id
//   origins  one run of a gateway (`boot`) as seen from one device
//   series   which fields the samples of an origin have, in which order: ["temperature","level"]
//   history  (device, ts) → the values of those fields: [21.5,431]; `errors` is the JSON object, mostly NULL
//   stored   which `seq` of an origin are in the history or have been: whole runs, so that a row is hours of samples
//
// `history` is its own index (WITHOUT ROWID): a range of time of a device is one run of pages, oldest first. Whoever
// changes the `ts` of rows must keep `series.last_ts` at their maximum: what lies before the oldest row is cleaned up.

export const HISTORY_TABLES = `
  CREATE TABLE IF NOT EXISTS devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS origins (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL, boot TEXT NOT NULL,
    UNIQUE (device, boot)
  );
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL, gateway TEXT NOT NULL, fields TEXT NOT NULL, last_ts INTEGER NOT NULL,
    UNIQUE (origin, gateway, fields)
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
