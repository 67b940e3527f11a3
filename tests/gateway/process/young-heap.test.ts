// How large V8's space for new objects becomes: of a process that makes little garbage, and of one that makes much.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MODULE = fileURLToPath(new URL('../../../gateway/process/young-heap.js', import.meta.url));
const MB = 1024 * 1024;

/** Bytes of it in the end, where so many objects are made in a turn of the loop with a pause between. */
function youngHeapOf(objects: number, pauseMs: number, forMs: number): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { keepYoungHeapSmall } from ${JSON.stringify(MODULE)};
    keepYoungHeapSmall(2);
    const kept = [];
    const endMs = performance.now() + ${String(forMs)};
    while (performance.now() < endMs) {
      for (let n = 0; n < ${String(objects)}; n += 1) kept.push({ n, some: [1, 2, 3] });
      // Some live on, as in a broker: only then does V8 give them more room.
      if (kept.length > ${String(objects)} * 2) kept.splice(0, ${String(objects)});
      await new Promise((resolve) => setTimeout(resolve, ${String(pauseMs)}));
    }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);`;
  return Number(execFileSync(execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

test('it stays small where little comes and in a short flood, as a start is, and grows in a long one', () => {
  const [calm, short, flooded] = [
    youngHeapOf(2000, 10, 1500),
    youngHeapOf(50_000, 0, 1200),
    youngHeapOf(50_000, 0, 6000),
  ];
  assert.ok(short <= 4 * MB, String(short));
  assert.ok(calm <= 4 * MB, String(calm));
  assert.ok(flooded >= 8 * MB, String(flooded));
});
