// Each chip of the library that has a driver for Python from its maker or Adafruit: the driver and our description read the
// same of the same bytes, or it is said why not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { judgedChips } from './chips.js';
import { judged, type Judgement } from './judged.js';
import { PythonDrivers, withoutPythonDrivers } from './python-drivers.js';
import { PAGE, withTable } from './table.js';

const skip = withoutPythonDrivers;
const drivers = skip === false ? new PythonDrivers() : undefined;
const judgements: Judgement[] = [];
after(() => drivers?.end());

for (const chip of judgedChips())
  test(`${chip.chip}: ${chip.driver} and its description say the same`, { skip }, async () => {
    assert.ok(drivers);
    const judgement = await judged(chip, drivers);
    judgements.push(judgement);
    assert.deepEqual(judgement.unexplained, []);
    assert.ok(judgement.same > 0);
  });

test('docs/judges.md has what came of it (node dist/tests/drivers/run.js writes it)', { skip }, () => {
  assert.equal(readFileSync(PAGE, 'utf8'), withTable('python', judgements));
});
