// The tables by themselves: what docs/promises.md and docs/safe-outputs.md say of each state, whatever leads there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALLOWS,
  LEADS_TO,
  Presence,
  type PresenceEvent,
  type PresenceState,
} from '../../../bridge/device/presence.js';

const STATES = Object.keys(ALLOWS) as PresenceState[];
const statesThat = (holds: (state: PresenceState) => boolean): PresenceState[] => STATES.filter(holds);
const waysOf = (state: PresenceState): [PresenceEvent, PresenceState][] =>
  Object.entries(LEADS_TO[state]) as [PresenceEvent, PresenceState][];

/** All that can follow, itself included. */
function reachable(from: PresenceState, without: readonly PresenceEvent[] = []): Set<PresenceState> {
  const seen = new Set([from]);
  for (const state of seen)
    for (const [event, next] of waysOf(state)) if (!without.includes(event)) seen.add(next);
  return seen;
}

test('a safe write and a command are allowed whatever is thought of the device, until all has ended', () => {
  assert.deepEqual(
    statesThat((state) => !ALLOWS[state].safeWrite),
    ['stopped'],
  );
  assert.deepEqual(
    statesThat((state) => !ALLOWS[state].command),
    ['stopped'],
  );
});

test('only who was found is read, and who is paused is neither read nor looked for', () => {
  assert.deepEqual(
    statesThat((state) => ALLOWS[state].poll),
    ['present'],
  );
  assert.deepEqual(
    statesThat((state) => ALLOWS[state].probe),
    ['away', 'looking'],
  );
  for (const state of STATES) {
    const paused = LEADS_TO[state].pause;
    assert.ok(paused === undefined || paused.startsWith('paused'), state);
    if (state.startsWith('paused')) assert.ok(!ALLOWS[state].poll && !ALLOWS[state].probe, state);
  }
});

test('every state can be reached; while nothing has stopped, whoever can be looked for can be found', () => {
  assert.deepEqual([...reachable('unknown')].sort(), [...STATES].sort());
  const assumed: readonly PresenceState[] = ['assumed', 'paused_assumed', 'stopping', 'stopped'];
  for (const state of statesThat((each) => !assumed.includes(each)))
    assert.ok(reachable(state, ['assume', 'stop', 'end']).has('present'), state);
});

test('a stop leads out of everything, and nothing leads back', () => {
  for (const state of STATES) {
    if (state !== 'stopping' && state !== 'stopped') assert.equal(LEADS_TO[state].stop, 'stopping', state);
    if (state !== 'stopped') assert.equal(LEADS_TO[state].end, 'stopped', state);
  }
  assert.deepEqual([...reachable('stopping')], ['stopping', 'stopped']);
});

test('only a look finds, only one runs at a time, and one that a pause, a reset or a loss came upon finds nothing', () => {
  assert.deepEqual(
    statesThat((state) => LEADS_TO[state].found !== undefined),
    ['looking'],
  );
  assert.deepEqual(
    statesThat((state) => LEADS_TO[state].look !== undefined),
    ['away'],
  );
  for (const upset of [['pause', 'pause_over'], ['reset'], ['lost']] as const) {
    const presence = new Presence();
    for (const event of ['seek', 'look', ...upset] as const) assert.ok(presence.take(event), event);
    assert.deepEqual(
      [presence.may('probe'), presence.take('found'), presence.take('look')],
      [false, false, false],
    );
    assert.ok(presence.take('look_over') && presence.take('look') && presence.take('found'));
  }
});

test('what comes to nothing leaves the state as it is, and a refusal says why', () => {
  const presence = new Presence();
  assert.deepEqual([presence.take('found'), presence.state], [false, 'unknown']);
  assert.ok(presence.take('seek'));
  assert.deepEqual([presence.refusal('poll')?.code, presence.refusal('probe')], ['overdue', undefined]);
  assert.ok(presence.take('stop'));
  assert.deepEqual([presence.refusal('probe')?.code, presence.refusal('safeWrite')], ['closed', undefined]);
  assert.ok(presence.take('end'));
  assert.equal(presence.refusal('safeWrite')?.code, 'closed');
});
