// The .hex files in the repository are what their sketches become: nobody runs firmware whose source is another.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.js';
import { EXAMPLE_SKETCHES, TEST_SKETCHES } from './arduino.js';

const BUILD = join(EXAMPLE_SKETCHES, 'build.sh');
/** build.sh: a tool is missing. */
const EXIT_NO_TOOLS = 3;

interface Built {
  readonly exitCode: number;
  readonly complaint: string;
}

function build(sketches: string, out: string): Promise<Built> {
  return new Promise((resolve) => {
    execFile('bash', [BUILD, sketches, out], (error, _stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), complaint: stderr });
    });
  });
}

for (const [name, sketches] of [
  ['the example', EXAMPLE_SKETCHES],
  ['the tests', TEST_SKETCHES],
] as const) {
  test(`the built firmware of ${name} is what its sketches become`, async (t) => {
    const out = await temporaryFolder(t);
    const { exitCode, complaint } = await build(sketches, out);
    if (exitCode === EXIT_NO_TOOLS) {
      t.skip(`NOT CHECKED whether the .hex files are current: ${complaint.trim()}`);
      return;
    }
    assert.equal(exitCode, 0, complaint);
    const [kept, here] = await Promise.all(
      [sketches, out].map((folder) => readFile(join(folder, 'toolchain.txt'), 'utf8')),
    );
    if (kept !== here) {
      t.skip(
        `NOT CHECKED whether the .hex files are current: built with ${String(kept)}, here is ${String(here)}`,
      );
      return;
    }
    const names = (await readdir(out))
      .filter((file) => file.endsWith('.hex'))
      .map((file) => file.slice(0, -4));
    assert.ok(names.length > 0);
    for (const sketch of names) {
      const [committed, fresh] = await Promise.all([
        readFile(join(sketches, sketch, `${sketch}.hex`), 'utf8'),
        readFile(join(out, `${sketch}.hex`), 'utf8'),
      ]);
      assert.equal(committed, fresh, `${sketch}.hex is not what ${sketch}.ino becomes; run build.sh`);
    }
  });
}
