import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanFields, cleanText } from '../../../gateway/logging/clean-fields.js';
import { GatewayError } from '../../../shared/errors.js';

test('the user and password of a URI are hidden wherever they stand in a text', () => {
  assert.equal(
    cleanText('no answer from mongodb://ann:p@ss/word@db1,db2/x and mqtts://bob:secret@host:8883'),
    'no answer from mongodb://[hidden]@db1,db2/x and mqtts://[hidden]@host:8883',
  );
  assert.equal(cleanText('ws://127.0.0.1:8080/mqtt is up'), 'ws://127.0.0.1:8080/mqtt is up');
});

test('a URI that reaches over the cut loses its password all the same', () => {
  const cleaned = cleanText(`${'x'.repeat(1_950)}mqtt://bob:${'s3cret'.repeat(20)}@host`);
  assert.ok(!cleaned.includes('s3cret'), cleaned.slice(-100));
});

test('values under a key that names a secret are hidden at every depth', () => {
  const cleaned = cleanFields({
    broker: { user: 'ann', password: 'pw', nested: [{ apiKey: 1 }] },
    authToken: 'x',
  });
  assert.deepEqual(cleaned, {
    broker: { user: 'ann', password: '[hidden]', nested: [{ apiKey: '[hidden]' }] },
    authToken: '[hidden]',
  });
});

test('an error keeps its code and the whole chain of its causes, each with its own code', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED mongodb://a:b@h'), {
    code: 'ECONNREFUSED',
    port: 27017,
  });
  const cause = new AggregateError([refused], 'all addresses failed');
  const { err } = cleanFields({ err: new GatewayError('store_unreachable', 'no store', { cause }) });
  const text = JSON.stringify(err);
  assert.match(text, /^\{"name":"GatewayError","code":"store_unreachable","message":"no store"/);
  assert.match(text, /"message":"all addresses failed"/);
  assert.match(
    text,
    /"code":"ECONNREFUSED","port":27017,"name":"Error","message":"connect ECONNREFUSED mongodb:\/\/\[hidden\]@h"/,
  );
  assert.match(text, /"stack":"GatewayError: no store\\n/);
});

test('an error that is its own cause ends', () => {
  const error = new Error('round');
  error.cause = error;
  assert.ok(JSON.stringify(cleanFields({ err: error })).length < 40_000);
});

test('a megabyte of payload, as bytes or as text, becomes a short value that says how much it was', () => {
  const cleaned = cleanFields({ bytes: Buffer.alloc(1_000_000, 0xa5), text: 'y'.repeat(1_000_000) });
  assert.equal(cleaned['bytes'], `${'a5'.repeat(64)}… (1000000 bytes)`);
  assert.equal(cleaned['text'], `${'y'.repeat(2_000)}… (1000000 characters)`);
});

test('lists, objects, depth and the whole line are bounded', () => {
  const wide = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`k${String(i)}`, 'z'.repeat(5_000)]),
  );
  const tree = (depth: number): unknown =>
    depth === 0 ? 'leaf' : Array.from({ length: 60 }, () => tree(depth - 1));
  const round: Record<string, unknown> = {};
  for (let i = 0; i < 40; i += 1) round[`r${String(i)}`] = round;
  for (const hostile of [
    wide,
    { tree: tree(3) },
    round,
    { list: Array(100_000).fill({ a: 'b'.repeat(10_000) }) },
  ]) {
    assert.ok(JSON.stringify(cleanFields(hostile)).length < 40_000);
  }
});

test("a field that has the name of one of the line's own keys does not take its place", () => {
  assert.deepEqual(cleanFields({ level: 12, time: 'noon', msg: 'hi' }), {
    level_: 12,
    time_: 'noon',
    msg_: 'hi',
  });
});

test('what JSON has no word for is still written: bigint, function, map, set, date, hostile prototype', () => {
  const cleaned = cleanFields({
    big: 2n ** 64n,
    call: () => 1,
    map: new Map([['a', 1n]]),
    set: new Set(['x']),
    date: new Date(0),
    never: new Date(Number.NaN),
    parsed: JSON.parse('{"__proto__":{"admin":true}}') as unknown,
  });
  assert.equal(
    JSON.stringify(cleaned),
    '{"big":"18446744073709551616","call":"[function]","map":{"a":"1"},"set":["x"],"date":"1970-01-01T00:00:00.000Z",' +
      '"never":"invalid date","parsed":{"__proto__":{"admin":true}}}',
  );
  assert.equal(({} as Record<string, unknown>)['admin'], undefined);
});
