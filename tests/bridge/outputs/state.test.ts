// The table of an output's life: whatever it is, a newer command takes its place, its safe bytes end it, and the stop is the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEADS_TO, OutputLife, type OutputEvent, type OutputState } from '../../../bridge/outputs/state.js';

const ALL = Object.keys(LEADS_TO) as OutputState[];
const LIVING = ALL.filter((state) => state !== 'stopped');
const leads = (states: readonly OutputState[], event: OutputEvent): string[] => [
  ...new Set(states.map((state) => LEADS_TO[state][event] ?? 'nothing')),
];

test('from wherever it is a newer command takes its place, and the end of the stop is for good', () => {
  assert.deepEqual(
    [leads(LIVING, 'stays'), leads(LIVING, 'begins'), leads(LIVING, 'end')],
    [['on'], ['timed'], ['stopped']],
  );
  assert.deepEqual(LEADS_TO.stopped, {});
});

test('from wherever it is on, the bytes that make it safe lead to safe', () => {
  assert.deepEqual(
    leads(
      LIVING.filter((state) => state !== 'safe'),
      'made_safe',
    ),
    ['safe'],
  );
});

test('the stop ends what has an end, once, and nothing else', () => {
  const ends = ALL.filter((state) => LEADS_TO[state].stop !== undefined);
  assert.deepEqual(ends, ['timed', 'left_on', 'ending', 'unsafe']);
  assert.deepEqual(leads(ends, 'stop'), ['stopping']);
});

test('it can get from each state to safe or stopped, and into each', () => {
  const reached = new Set<OutputState>(['safe']);
  for (const state of reached) for (const next of Object.values(LEADS_TO[state])) reached.add(next);
  assert.deepEqual([...reached].toSorted(), ALL.toSorted());
});

test('a life: by its time, in vain, again, and over; what means nothing changes nothing', () => {
  const life = new OutputLife();
  const events: OutputEvent[] = [
    'due',
    'begins',
    'found',
    'due',
    'due',
    'failed',
    'again',
    'made_safe',
    'stop',
  ];
  assert.deepEqual(
    events.map((event) => `${String(life.take(event))} ${life.state}`),
    [
      'false safe',
      'true timed',
      'false timed',
      'true ending',
      'false ending',
      'true unsafe',
      'true ending',
      'true safe',
      'false safe',
    ],
  );
});
