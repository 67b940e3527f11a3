// When failures speak against the bus, and when they are one device's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusEvidence } from '../../../bridge/bus/evidence.js';

/** What the last of these failures says. */
function failures(evidence: BusEvidence, ...places: number[]): boolean | undefined {
  return places.map((place) => evidence.failed(place, 0)).at(-1);
}

test('three failures in a row of two devices speak against the bus, and not with a success in between', () => {
  const evidence = new BusEvidence();
  assert.equal(failures(evidence, 8, 9), false);
  evidence.moved(10, true, 0);
  assert.equal(failures(evidence, 8, 9), false);
  assert.equal(failures(evidence, 8), true);
});

test('one device that fails is no fault of the bus while another may be well', () => {
  const evidence = new BusEvidence();
  evidence.moved(9, true, 0);
  assert.equal(failures(evidence, 8, 8, 8, 8), false);
  // Before it failed alone, somebody else did: that was put right.
  evidence.failed(9, 0);
  evidence.moved(9, true, 0);
  assert.equal(failures(evidence, 8, 8, 8), false);
});

test('who did not acknowledge when last asked is no sign of a bus that works', () => {
  const evidence = new BusEvidence();
  evidence.moved(9, true, 0);
  evidence.moved(9, false, 0);
  assert.equal(failures(evidence, 8, 8, 8), true);
});
