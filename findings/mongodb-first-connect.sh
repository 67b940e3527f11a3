#!/usr/bin/env bash
# mongodb 7.9.0 (the Node.js driver): a client whose very first operation found no server refuses every later operation,
# also when the server is there, until `connect()` is called.
#
# Guess:   a MongoClient that connects by itself at its first operation does so at the next one too, as it does after a
#          server was lost later on.
# Happens: the failed first connect closes the client's topology for good, and operations on a closed topology are refused
#          at once: MongoTopologyClosedError, without a try. An explicit `connect()` makes a new topology. After that a
#          server that goes away and comes back is found again by the same client with nothing called.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --no-save --silent --no-audit --no-fund mongodb@7.9.0 || exit 2

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { BSON, MongoClient } from 'mongodb';

const HELLO = { isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21, ok: 1 };
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

/** Answers the greeting and `ping`: all of a server that this needs. */
function answer(request) {
  const isOld = request.readInt32LE(12) === OP_QUERY;
  const command = isOld ? 'hello' : Object.keys(BSON.deserialize(request.subarray(21)))[0];
  const body = BSON.serialize(command === 'ping' ? { ok: 1 } : HELLO);
  const header = Buffer.alloc(isOld ? 36 : 21);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(request.readInt32LE(4), 8);
  header.writeInt32LE(isOld ? OP_REPLY : OP_MSG, 12);
  if (isOld) header.writeInt32LE(1, 32);
  return Buffer.concat([header, body]);
}

const sockets = new Set();
let server;
async function start(port) {
  server = createServer((socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 16 && bytes.length >= bytes.readInt32LE(0)) {
        const length = bytes.readInt32LE(0);
        socket.write(answer(bytes.subarray(0, length)));
        bytes = bytes.subarray(length);
      }
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}
async function stop() {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await closed;
}

const port = await start(0);
await stop();
const client = new MongoClient(`mongodb://127.0.0.1:${port}`, { serverSelectionTimeoutMS: 1000 });
const ping = () => client.db('any').command({ ping: 1 }).then(() => 'answered', ({ name }) => name);

const seen = { noServerYet: await ping() };
await start(port);
seen.serverIsThere = await ping();
await new Promise((resolve) => setTimeout(resolve, 3000));
seen.threeSecondsLater = await ping();
await client.connect();
seen.afterConnect = await ping();
await stop();
seen.serverLost = (await ping()) === 'answered' ? 'answered' : 'failed';
await start(port);
seen.serverIsBack = await ping();
await client.close();
await stop();
console.log('mongodb 7.9.0, ping on one MongoClient:', seen);
assert.deepEqual(seen, {
  noServerYet: 'MongoServerSelectionError',
  serverIsThere: 'MongoTopologyClosedError',
  threeSecondsLater: 'MongoTopologyClosedError',
  afterConnect: 'answered',
  serverLost: 'failed',
  serverIsBack: 'answered',
});
JS
node show.mjs
