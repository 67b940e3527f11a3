// A field that looks at another one, and a step at a field: by that field's own bit, and by nothing where there is no number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConversation, isTaken } from '../../shared/codec/conversation.js';
import { failedTest, makePass, type ReplyTest } from '../../shared/codec/reply-test.js';
import type { ConversationSpec } from '../../shared/device-type.js';
import { sampleOf } from '../support/bus/sample-yaml.js';

function conversationOf(sample: string): ConversationSpec {
  const { conversation } = sampleOf(sample);
  assert.ok(conversation);
  return conversation;
}

test('a bit is looked at alone, not with its whole byte', () => {
  const spec = conversationOf(
    'read: 2, fields: { ready: { type: bit, bit: 3, hidden: true }, v: { type: uint8, at: 1, valid: { field: ready, is: 1 } } }',
  );
  const said = (first: number): unknown =>
    decodeConversation([Uint8Array.of(first, 7)], spec, new Map()).values['v'];
  assert.deepEqual([0x08, 0xff, 0x00, 0x01, 0xf7].map(said), [7, 7, null, null, null]);
});

test('a step is taken by one bit', () => {
  const { steps } = conversationOf(
    'steps: [ { read: 1, fields: { ready: { type: bit, bit: 7 } } }, { read: 1, only_if: { field: ready, is: 1 }, fields: { v: { type: uint8 } } } ]',
  );
  const [first, second] = steps;
  assert.ok(first !== undefined && second !== undefined);
  const isRead = (byte: number): boolean => isTaken(second, [first], [Uint8Array.of(byte)]);
  assert.deepEqual([0x80, 0xff, 0x01, 0x7f].map(isRead), [true, true, false, false]);
});

test('bits of what is no number are not so, whichever are wanted', () => {
  // A is no decimal digit.
  const wrong = Uint8Array.of(0x1a);
  for (const more of [{ is: [0] }, { not: [1] }, {}]) {
    const wanted: ReplyTest = { at: 0, type: 'bcd8', mask: 1, ...more };
    assert.equal(failedTest(wrong, [wanted]), wanted);
  }
  const nan = Uint8Array.of(0x7f, 0xc0, 0, 0);
  assert.ok(failedTest(nan, [{ at: 0, type: 'float32be', mask: 1, is: [0] }]));
  const made = Uint8Array.from(wrong);
  makePass(made, [{ at: 0, type: 'bcd8', mask: 1, is: [1] }]);
  assert.deepEqual([...made], [0x01]);
});
