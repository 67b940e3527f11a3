#!/usr/bin/env bash
# node:sqlite of Node 22.23.3: a TEXT is read up to its first NUL only; Node 24.21.0 reads it whole.
#
# Guess:   what is written through a parameter is read back as it was: SQLite takes U+0000 in a TEXT like any character.
# Happens: it is stored whole, two keys that differ behind the NUL are two rows, and both are read as the same string.
#          Nothing is raised. So a key or an identity in SQLite must not contain U+0000 while Node 22 is in use.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >show.mjs <<'JS'
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE sample (identity TEXT PRIMARY KEY)');
const insert = database.prepare('INSERT INTO sample VALUES (?)');
insert.run('boot\0first');
insert.run('boot\0second');
const rows = database.prepare('SELECT identity, hex(identity) AS stored FROM sample ORDER BY identity').all();
console.log(JSON.stringify(rows.map(({ identity, stored }) => [identity, Buffer.from(stored, 'hex').toString()])));
JS
cut='[["boot","boot\u0000first"],["boot","boot\u0000second"]]'
whole='[["boot\u0000first","boot\u0000first"],["boot\u0000second","boot\u0000second"]]'
changed=0
expect() {
  npm install --prefix "$1" --no-save --silent --no-audit --no-fund "node@$1" || exit 2
  local seen
  seen=$("$1/node_modules/.bin/node" --no-warnings show.mjs)
  echo "Node $1, [read, stored] of two rows: $seen"
  [ "$seen" = "$2" ] || { echo "changed: $2 was expected" >&2; changed=1; }
}
expect 22.23.3 "$cut"
expect 24.21.0 "$whole"
exit "$changed"
