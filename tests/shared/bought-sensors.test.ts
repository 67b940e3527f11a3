// What people's devices really send, each with the right value: bits that are somewhere, numbers that lie otherwise, texts
// with names; and descriptions that can't be right, with the sentence that says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConversation } from '../../shared/codec/conversation.js';
import { decodeFields, type DecodedFields } from '../../shared/codec/fields.js';
import { unframe } from '../../shared/codec/frame.js';
import { wrongIdentity } from '../../shared/codec/identity.js';
import { parseConfig } from '../../gateway/config/load.js';
import { asGatewayError } from '../../shared/errors.js';
import { mistakesInSample, sampleOf } from '../support/bus/sample-yaml.js';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function ascii(text: string, length: number, padding: number): Uint8Array {
  const whole = new Uint8Array(length).fill(padding);
  whole.set(Buffer.from(text));
  return whole;
}

/** Of a sample, the replies of its steps; what is not believed as a whole is the code alone. */
function read(sample: string, ...replies: readonly Uint8Array[]): DecodedFields | string {
  const spec = sampleOf(sample.replaceAll(/\n\s*/g, ' '));
  const { conversation } = spec;
  try {
    if (conversation === undefined)
      return decodeFields(unframe(replies[0] ?? new Uint8Array(), spec, 0x20), spec);
    let next = 0;
    const bodies = conversation.steps.map((step) =>
      step.readLength === 0 ? undefined : unframe(replies[next++] ?? new Uint8Array(), step, 0x20),
    );
    return decodeConversation(bodies, conversation, new Map());
  } catch (thrown) {
    return asGatewayError(thrown).code;
  }
}

function values(seen: DecodedFields | string): unknown {
  return typeof seen === 'string' ? seen : seen.values;
}

const LUX = `steps: [ { write: [3], read: 1, fields: { high: { type: uint8, hidden: true } } },
    { write: [4], read: 1, fields: { low: { type: uint8, hidden: true } } } ],
  fields: { exponent: { compute: 'high >> 4', hidden: true },
    lux: { compute: 'if(exponent == 15, none, 2 ** exponent * ((high & 15) << 4 | low & 15) * 0.045)', round: 2 } }`;

test('an exponent, and a mantissa of two registers (MAX44009)', () => {
  assert.deepEqual(values(read(LUX, bytes('4D'), bytes('06'))), { lux: 154.08 });
  assert.deepEqual(read(LUX, bytes('FD'), bytes('06')), {
    values: { lux: null },
    errors: { lux: 'no_value' },
  });
});

test('a linear number of PMBus: 5 bits of exponent, 11 of mantissa, both with a sign', () => {
  const sample = `write: [0x8B], read: 2, fields: { raw: { type: uint16le, hidden: true },
    volts: { compute: 'signed(raw, 11) * 2 ** signed(raw >> 11, 5)' } }`;
  assert.deepEqual(values(read(sample, bytes('80 F3'))), { volts: 224 });
  assert.deepEqual(values(read(sample, bytes('FF 07'))), { volts: -1 });
});

test('a minus sign in a bit of its own (AM2320)', () => {
  assert.deepEqual(
    values(read('read: 2, fields: { t: { type: signmag16be, scale: 0.1 } }', bytes('80 49'))),
    { t: -7.3 },
  );
});

test('readiness is a bit of the last byte', () => {
  const sample = `write: [0x8C], delay: 270ms, read: 4, until_ready: { when: { at: -1, mask: 0x80, is: 0 } },
    fields: { pressure: { type: uint24be } }`;
  assert.equal(read(sample, bytes('00 00 00 8C')), 'device_busy');
  assert.deepEqual(values(read(sample, bytes('01 86 A0 0C'))), { pressure: 100_000 });
});

test('a status by some of its bits: the others may be as they like', () => {
  const sample = 'read: 2, valid: { mask: 0xDC, is: 0x40 }, fields: { x: { type: uint8, at: 1 } }';
  for (const good of ['40 07', '60 07', '43 07'])
    assert.deepEqual(values(read(sample, bytes(good))), { x: 7 }, good);
  for (const bad of ['44 07', '48 07', '00 07']) assert.equal(read(sample, bytes(bad)), 'device_error', bad);
});

test('a flag that says of another field that it is not valid (INA219)', () => {
  const sample = `read: 2, fields: { overflow: { type: bit, bit: 0, at: 1, hidden: true },
    volts: { type: uint16be, bits: [3, 15], at: 0, scale: 0.004, valid: { field: overflow, mask: 1, is: 0 } } }`;
  assert.deepEqual(read(sample, bytes('5D C3')), { values: { volts: null }, errors: { volts: 'not_valid' } });
  assert.deepEqual(values(read(sample, bytes('5D C2'))), { volts: 12 });
});

test('16-bit words from the last to the first, and texts in words of two bytes (a power meter)', () => {
  const sample = `read: 16, fields: { energy: { type: uint32be, swap: words }, volts: { type: float32be, swap: words, round: 2 },
    name: { type: text, length: 8, swap: bytes } }`;
  assert.deepEqual(values(read(sample, bytes('86 A0 00 01 02 8F 43 65 72 50 33 6F 4D 45 31 2D'))), {
    ...{ energy: 100_000, volts: 229.01, name: 'Pro3EM-1' },
  });
});

test('a text whose parts have names, in any order, and not always all of them', () => {
  const sample = `read: 22, split: ',', pair: ':', fields: { vrms: { type: decimal, key: V }, p1: { type: decimal, key: P }, t1: { type: decimal, key: T } }`;
  const all = { vrms: 246.29, p1: 84, t1: 21.5 };
  assert.deepEqual(values(read(sample, ascii('V:246.29,P:84,T:21.5', 22, 0))), all);
  assert.deepEqual(values(read(sample, ascii('T:21.5,V:246.29,P:84', 22, 0))), all);
  assert.deepEqual(read(sample, ascii('V:246.29,P:84', 22, 0)), {
    values: { ...all, t1: null },
    errors: { t1: 'no_value' },
  });
  assert.equal(read(sample, ascii('emonTx V3.2', 22, 0xff)), 'wrong_frame');
});

test('a count of two bytes: what an AVR with nothing to say sends is none, and 0 is one', () => {
  const sample = 'read: 2, fields: { tips: { type: uint16le, none: [0xFF00, 0xFFFF] } }';
  assert.deepEqual(values(read(sample, bytes('00 FF'))), { tips: null });
  assert.deepEqual(values(read(sample, bytes('FF FF'))), { tips: null });
  assert.deepEqual(values(read(sample, bytes('00 00'))), { tips: 0 });
});

test('all FF is -1 where the description says that it can be data', () => {
  const sample = 'write: [0x28], read: 3, all_ff: true, fields: { p: { type: int24le } }';
  assert.deepEqual(values(read(sample, bytes('FF FF FF'))), { p: -1 });
  assert.equal(read(sample.replace('all_ff: true, ', ''), bytes('FF FF FF')), 'empty_reply');
});

test('a value beyond its limits is its limit where the data sheet says so', () => {
  const sample = "read: 1, fields: { humidity: { type: int8, min: 0, max: 100, clamp: true, unit: '%' } }";
  assert.deepEqual(values(read(sample, bytes('FE'))), { humidity: 0 });
  assert.deepEqual(values(read(sample, bytes('7F'))), { humidity: 100 });
});

test('true and false by several bits, and by what they are', () => {
  const sample = `read: 4, fields: { any: { type: uint16be, mask: 0x07FF }, two: { type: uint8, mask: 0x0C, is: [0x08, 0x0C] },
    last: { type: uint8, mask: 0x01 } }`;
  assert.deepEqual(values(read(sample, bytes('80 06 08 00'))), { any: true, two: true, last: false });
  assert.deepEqual(values(read(sample, bytes('80 00 04 01'))), { any: false, two: false, last: true });
});

test('several readings in one reply, and blocks of two kinds by turns', () => {
  const sample = `write: [0x50], read: 9, fields: { t: { type: int16be, at: 0, each: 3, stride: 3, scale: 0.1 }, h: { type: uint8, at: 2, each: 3, stride: 3 } }`;
  assert.deepEqual(values(read(sample, bytes('00 D7 30 00 D8 31 FF FB 32'))), {
    ...{ t_1: 21.5, t_2: 21.6, t_3: -0.5, h_1: 48, h_2: 49, h_3: 50 },
  });
});

test('a date and time of a clock that may count to 12 as one value, and none where no calendar has it', () => {
  const sample = `read: 7, fields: { s: { type: bcd8, bits: [0, 6], hidden: true }, m: { type: bcd8, at: 1, hidden: true },
    twelve: { type: bit, bit: 6, at: 2, hidden: true }, pm: { type: bit, bit: 5, at: 2, hidden: true },
    h12: { type: bcd8, bits: [0, 4], at: 2, hidden: true }, h24: { type: bcd8, bits: [0, 5], at: 2, hidden: true },
    day: { type: bcd8, at: 4, hidden: true }, month: { type: bcd8, bits: [0, 4], at: 5, hidden: true }, year: { type: bcd8, at: 6, hidden: true },
    time: { compute: 'utc(2000 + year, month, day, if(twelve, h12 % 12 + if(pm, 12, 0), h24), m, s)', format: datetime } }`;
  assert.deepEqual(values(read(sample, bytes('37 59 71 05 27 05 26'))), { time: '2026-05-27T23:59:37' });
  assert.deepEqual(values(read(sample, bytes('37 59 23 05 27 05 26'))), { time: '2026-05-27T23:59:37' });
  assert.deepEqual(read(sample, bytes('37 59 23 05 30 02 26')), {
    ...{ values: { time: null }, errors: { time: 'not_a_number' } },
  });
});

test('a chip with two identities, one with versions, and what is said against another', () => {
  const identify = (text: string) => {
    const yaml = `gateway: test\nbuses: { main: { path: /dev/none } }\ntypes: { it: { identify: ${text} } }\ndevices: { it: { type: it, bus: main, address: 9 } }\n`;
    const spec = parseConfig(yaml, 'test.yaml').devices.get('it')?.type.identify;
    assert.ok(spec);
    return (body: string) => wrongIdentity(bytes(body), spec);
  };
  const either = identify('{ write: [0x75], read: 1, expect: [[0x68], [0x70]] }');
  assert.equal(either('68') ?? either('70'), undefined);
  assert.match(either('71') ?? '', /expected 68 or 70/);
  const newer = identify('{ write: [0x01], read: 2, expect: [{ is: 0x54 }, { at: 1, min: 2 }] }');
  assert.equal(newer('54 02') ?? newer('54 03'), undefined);
  assert.match(newer('54 01') ?? '', /byte 1 has to be at least 2/);
  assert.equal(identify('{ write: [0x0F], read: 1, expect: { mask: 0xFC, is: 0x24 } }')('27'), undefined);
});

for (const [what, sample, sentence] of [
  [
    'a repeated START behind two bytes',
    'write: [0x24, 0x0F], repeated_start: true, read: 2, fields: { x: { type: uint16be } }',
    /repeated_start: on Linux .* only behind one register byte.*write has 2/,
  ],
  [
    'a name that is not there',
    "read: 1, fields: { a: { type: uint8 }, b: { compute: 'a + c' } }",
    /fields\.b\.compute: c is no field of this sample.*known: a.*at character 5/,
  ],
  [
    'a circle',
    "read: 1, fields: { a: { type: uint8 }, b: { compute: 'a + c' }, c: { compute: 'b' } }",
    /needs itself: b needs c needs b/,
  ],
  [
    'a power by ^',
    "read: 1, fields: { a: { type: uint8 }, b: { compute: 'a ^ 2' } }",
    /\^ is a power to some and XOR to others/,
  ],
  [
    'a number where true or false is meant',
    "read: 1, fields: { a: { type: uint8 }, b: { compute: 'if(a, 1, 2)' } }",
    /the condition of if is of true or false, and this is a number/,
  ],
  [
    'a text in an expression',
    "read: 2, fields: { a: { type: text, length: 2 }, b: { compute: 'a + 1' } }",
    /a is a text/,
  ],
  [
    'bits that are never so',
    'read: 1, valid: { mask: 0x0F, is: 0x10 }, fields: { a: { type: uint8 } }',
    /valid\.is: is 0x10, which has bits beside the mask 0xF/,
  ],
  [
    'a byte that the reply has not',
    'read: 1, valid: { at: 1, is: 0 }, fields: { a: { type: uint8 } }',
    /valid: looks at bytes that the body of 1 does not have/,
  ],
  [
    'a test that says nothing',
    'read: 1, valid: { mask: 1 }, fields: { a: { type: uint8 } }',
    /valid: says nothing/,
  ],
  [
    'steps and a question',
    'steps: [ { read: 1, fields: { a: { type: uint8 } } } ], read: 1',
    /read: goes into one of the steps/,
  ],
  [
    'a step that does nothing',
    'steps: [ {}, { read: 1, fields: { a: { type: uint8 } } } ]',
    /steps\[0\]: does nothing/,
  ],
  [
    'an argument in a sample',
    'steps: [ { write: [$a], read: 1, fields: { b: { type: uint8 } } } ]',
    /uses \$a, but only commands have arguments/,
  ],
  ['60 bytes of an AVR', 'read: 60, fields: { a: { type: uint8 } }', /AVR’s Wire library sends 32.*largest/],
  ['a field without a type', 'read: 1, fields: { a: { unit: V } }', /fields\.a: needs type, or compute/],
  [
    'a field that is read and computed',
    "read: 1, fields: { a: { type: uint8, compute: '1' } }",
    /type: is of a field that is read/,
  ],
] as const) {
  test(`refused in words: ${what}`, () => {
    assert.match(mistakesInSample(sample), sentence);
  });
}
