// Makes the generated parts of the documentation anew: npm run docs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { read, ROOT } from '../support/repository.js';
import { fill } from './generated.js';
import { everyPage } from './pages.js';

for (const path of everyPage()) {
  const before = read(path);
  const after = fill(before);
  if (after === before) continue;
  writeFileSync(join(ROOT, path), after);
  console.log(`${path} is written anew`);
}
