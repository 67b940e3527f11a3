// Compares the library with the drivers of others, and writes the table of docs/judges.md: node dist/tests/drivers/run.js,
// after tests/drivers/prepare.
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { judgedChips } from './chips.js';
import { judged, type Judgement } from './judged.js';
import { PythonDrivers, withoutPythonDrivers } from './python-drivers.js';
import { PAGE, withTable } from './table.js';

/** Chips to look at alone: then nothing is written. */
const wanted = argv.slice(2);

if (withoutPythonDrivers !== false) throw new Error(withoutPythonDrivers);
const drivers = new PythonDrivers();
const judgements: Judgement[] = [];
for (const chip of judgedChips()) {
  if (wanted.length > 0 && !wanted.includes(chip.chip)) continue;
  const judgement = await judged(chip, drivers);
  judgements.push(judgement);
  console.log(`${chip.chip}: ${String(judgement.same)} of ${String(judgement.values)} the same`);
  for (const line of judgement.unexplained) console.log(`  UNEXPLAINED ${line}`);
}
await drivers.end();
if (wanted.length === 0) writeFileSync(PAGE, withTable('python', judgements));
