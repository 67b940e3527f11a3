// The package as npm makes it: what is in it, and that it runs from a folder that is not this repository.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);

const WANTED = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|mosquitto\.conf)$/,
  /^dist\/(shared|bridge|gateway)\/(?!web\/page\/)[\w/-]+\.js$/,
  /^dist\/types\/shared\/(messages|sample|topics|errors)\.d\.ts$/,
  /^docs\/[\w-]+\.(md|json|yml|png)$/,
  /^dist\/page\/([\w-]+\.(html|css|js)|licences\.txt)\.gz$/,
  /^gateway\/example\/(\w+\.yaml|firmware\/(\w+\/\w+\.(ino|hex)|build\.sh|toolchain\.txt))$/,
];
const NEEDED = [
  'dist/gateway/main.js',
  'gateway/example/greenhouse.yaml',
  'gateway/example/firmware/lamp/lamp.hex',
  'dist/page/index.html.gz',
  'dist/page/licences.txt.gz',
];

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

test('the package holds what is needed and nothing else, and runs from an empty folder', async (t) => {
  const folder = await temporaryFolder(t);
  await run('npm', ['run', 'prepack'], { cwd: packageRoot });
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', packing, { cwd: packageRoot, maxBuffer: 8 * 1024 * 1024 });
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  const paths = (packed?.files ?? []).map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => !WANTED.some((pattern) => pattern.test(path))),
    [],
  );
  const manifest = await readFile(join(packageRoot, 'package.json'), 'utf8');
  const { version, exports } = JSON.parse(manifest) as Manifest;
  const exported = Object.values(exports).flatMap((one) =>
    typeof one === 'string' ? one : Object.values(one),
  );
  assert.deepEqual(
    [...NEEDED, ...exported.map((path) => path.slice('./'.length))].filter((path) => !paths.includes(path)),
    [],
  );
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', file], { cwd: folder });
  // Installed they would be beside it.
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  const program = join(folder, 'package', 'dist', 'gateway', 'main.js');
  assert.equal((await run(execPath, [program, '--version'], { cwd: folder })).stdout, `${version}\n`);
  const checked = await run(execPath, [program, 'check'], { cwd: folder });
  assert.match(checked.stdout, /greenhouse\.yaml is sound/);
  // What the package for Debian starts by.
  const first = join(packageRoot, 'packaging', 'deb', 'gateway.yaml');
  assert.match((await run(execPath, [program, 'check', '--config', first])).stdout, /is sound/);
  const importing = `import { Topics } from 'i2c-mqtt-gateway/topics';
    await Promise.all(['messages', 'samples', 'errors'].map((name) => import(\`i2c-mqtt-gateway/\${name}\`)));
    console.log(new Topics('iot', 'greenhouse').state('lamp-1'));`;
  const imported = await run(execPath, ['--input-type=module', '--eval', importing], {
    cwd: join(folder, 'package'),
  });
  assert.equal(imported.stdout, 'iot/greenhouse/device/lamp-1/state\n');
});
