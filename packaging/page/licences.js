// The licences of what is in the page's script, as one text.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of these packages, and of all that they depend on: a script that is made of several may have any of them in it. */
export function licencesOf(packages, modules) {
  const known = new Map();
  const queue = [...packages];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const folder = join(modules, name);
    if (known.has(name) || name.startsWith('@types/') || !existsSync(join(folder, 'package.json'))) continue;
    const {
      version,
      license,
      dependencies = {},
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e(\.(md|txt))?$/i.test(one));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    known.set(name, `${name} ${version} (${license})\n\n${text}`);
    queue.push(...Object.keys(dependencies));
  }
  const sorted = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `What the page's script is made of.\n\n${sorted.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}
