// Takes out of dist what was compiled of a source that is gone, so that a test that was moved or deleted doesn't run on.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../gateway/process/paths.js';

const dist = join(packageRoot, 'dist');
const COMPILED = /\.js(\.map)?$/;

for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!COMPILED.test(file)) continue;
  if (!existsSync(join(packageRoot, file.replace(COMPILED, '.ts')))) rmSync(join(dist, file));
}
