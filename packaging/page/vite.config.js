// Makes dist/page of gateway/web/page: one script, one sheet of styles, compressed once here and not at each start.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { licencesOf } from './licences.js';

const root = join(import.meta.dirname, '..', '..');
const made = join(root, 'dist', 'page');

/** What every browser takes compressed is kept as that alone: the gateway unpacks it for the rare one that does not. */
const compressed = {
  name: 'compressed',
  closeBundle() {
    for (const name of readdirSync(made)) {
      const file = join(made, name);
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      rmSync(file);
    }
  },
};

const licences = {
  name: 'licences',
  generateBundle() {
    const source = licencesOf(['preact', 'uplot', 'mqtt'], join(root, 'node_modules'));
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
  },
};

export default {
  root: join(root, 'gateway', 'web', 'page'),
  base: '/page/',
  logLevel: 'warn',
  plugins: [licences, compressed],
  // The names of our own elements' attributes need no runtime of React's.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    ...{ outDir: made, assetsDir: '', emptyOutDir: true, target: 'es2022' },
    // How long each plugin took is nobody’s concern here.
    rolldownOptions: { checks: { pluginTimings: false } },
    ...{ modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 1000 },
  },
};
