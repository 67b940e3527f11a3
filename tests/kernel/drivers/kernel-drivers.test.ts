// The kernel's own drivers on chips of the library: they and our descriptions read the same of the same bytes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compared } from '../../drivers/compare.js';
import { fieldsOf, Tally } from '../../drivers/judged.js';
import { libraryDevice } from '../../drivers/ours.js';
import { casesOf } from '../../drivers/raw-numbers.js';
import { Stage, withoutAdapters } from '../stage.js';
import { readByKernel } from './bound.js';
import { KERNEL_CHIPS } from './kernel-chips.js';
import { JUDGED } from './told.js';

/** An emulated processor is slow: ordinary numbers, and ends. */
const CASES = [1, 3, 6, 7];

describe('the kernel’s drivers', { skip: withoutAdapters }, () => {
  const stage = new Stage('i2c-tiny-usb');
  let bus = '';
  before(async () => {
    bus = await stage.plug();
  });
  after(() => {
    stage.unplug();
  });

  for (const judge of KERNEL_CHIPS)
    test(`${judge.module} and the description of ${judge.chip} say the same`, async () => {
      const { type } = libraryDevice(judge.chip, judge.address);
      const fields = fieldsOf(type).filter(({ id }) => id in judge.reads);
      const tally = new Tally(judge.chip, `${judge.module}.ko`);
      const cases = casesOf(type);
      for (const index of CASES) {
        const raws = cases[index];
        if (raws === undefined) continue;
        const ours = await stage.chip(judge.chip, judge.address, raws);
        const theirs = await readByKernel(bus, judge);
        tally.add(
          compared(fields, ours, theirs, (field) => judge.reads[field]?.per ?? 0),
          raws,
        );
      }
      console.log(`${JUDGED}${JSON.stringify(tally.told())}`);
      assert.deepEqual(tally.unexplained, []);
    });
});
