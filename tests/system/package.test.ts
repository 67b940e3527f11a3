// The package as npm makes it: what is in it, and that it runs from a folder that is not this repository.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../gateway/process/paths.js';
import { exampleFile } from '../support/gateway-process.js';
import { until } from '../support/waiting.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);

const WANTED = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|mosquitto\.conf)$/,
  /^dist\/(shared|bridge|gateway)\/(?!web\/page\/)[\w/-]+\.js$/,
  /^dist\/types\/shared\/(messages|sample|topics|errors|alarms\/spec)\.d\.ts$/,
  /^docs\/[\w-]+\.(md|json|yml|png)$/,
  /^dist\/page\/([\w-]+\.(html|css|js)|licences\.txt)\.gz$/,
  /^gateway\/example\/(\w+\.yaml|firmware\/(\w+\/\w+\.(ino|hex)|build\.sh|toolchain\.txt))$/,
  /^gateway\/library\/[\w-]+\.yaml$/,
];
const NEEDED = [
  'dist/gateway/main.js',
  'gateway/example/greenhouse.yaml',
  'gateway/library/bme280.yaml',
  'gateway/example/firmware/lamp/lamp.hex',
  'dist/page/index.html.gz',
  'dist/page/licences.txt.gz',
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly Pick<Manifest, 'name' | 'version'>[];
}

/** Of a package in another's node_modules. */
const PACKAGE = /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/;
const MOST_INSTALLED_BYTES = 40e6;

/** Installs the package as it would be by npm, but without what is compiled then; where its program lies. */
async function installedIn(folder: string, file: string): Promise<string> {
  const quick = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', '-g', ...quick, '--prefix', folder, file]);
  return join(folder, 'lib', 'node_modules', 'i2c-mqtt-gateway');
}

test('npm pack alone, which would leave out what it needs, says what makes the package', async () => {
  await assert.rejects(
    run('npm', ['pack', '--dry-run'], { cwd: packageRoot }),
    /packaging\/npm\/build makes the package/,
  );
});

test('the package holds what is needed and nothing else, and runs from where npm installs it', async (t) => {
  const folder = await temporaryFolder(t);
  await run(join(packageRoot, 'packaging', 'npm', 'build'), [folder], { env: { ...env, AS_BUILT: '1' } });
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const { stdout } = await run('tar', ['-tzf', file], { cwd: folder, maxBuffer: 8 * 1024 * 1024 });
  const all = stdout.split('\n').filter(Boolean);
  const paths = all
    .map((path) => path.slice('package/'.length))
    .filter((path) => !path.startsWith('node_modules/'));
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
  const home = await installedIn(folder, join(folder, file));
  const used = Number((await run('du', ['-sb', home])).stdout.split('\t')[0]);
  assert.ok(used > 1e6 && used < MOST_INSTALLED_BYTES, `${String(used)} bytes`);
  await t.test('packages that are in it have kept their licences', () => keptLicences(home));
  await t.test('the bill of materials names each of them, with its version', async () => {
    const [bill = ''] = (await readdir(folder)).filter((name) => name.endsWith('.cdx.json'));
    const packages = all.map((path) => path.slice('package/'.length)).filter((path) => PACKAGE.test(path));
    await namesAll(
      packages.map((path) => join(home, path)),
      join(folder, bill),
    );
  });

  const program = join(home, 'dist', 'gateway', 'main.js');
  assert.equal((await run(execPath, [program, '--version'], { cwd: folder })).stdout, `${version}\n`);
  const checked = await run(execPath, [program, 'check'], { cwd: folder });
  assert.match(checked.stdout, /greenhouse\.yaml is sound/);
  // What the package for Debian starts by.
  const first = join(packageRoot, 'packaging', 'deb', 'gateway.yaml');
  assert.match((await run(execPath, [program, 'check', '--config', first])).stdout, /is sound/);
  const importing = `import { Topics } from 'i2c-mqtt-gateway/topics';
    await Promise.all(['messages', 'samples', 'errors'].map((name) => import(\`i2c-mqtt-gateway/\${name}\`)));
    console.log(new Topics('iot', 'greenhouse').state('lamp-1'));`;
  const imported = await run(execPath, ['--input-type=module', '--eval', importing], { cwd: home });
  assert.equal(imported.stdout, 'iot/greenhouse/device/lamp-1/state\n');
  await t.test('it starts, after what its error says where this Node has no SQLite', () => starts(t, home));
});

async function keptLicences(home: string): Promise<void> {
  const inPackages = await readdir(join(home, 'node_modules'), { recursive: true });
  const licensed = (paths: readonly string[]): Set<string> =>
    new Set(
      paths.filter((path) => /\/(licen[cs]e|copying|notice)[^/]*$/i.test(path)).map((path) => dirname(path)),
    );
  const here = licensed(await readdir(join(packageRoot, 'node_modules'), { recursive: true }));
  const there = licensed(inPackages);
  const packages = inPackages
    .filter((path) => /^((@[^/]+\/)?[^/@]+)\/package\.json$/.test(path))
    .map((path) => dirname(path));
  assert.ok(packages.length > 50, String(packages.length));
  assert.deepEqual(
    packages.filter((name) => here.has(name) && !there.has(name)),
    [],
  );
}

async function namesAll(manifests: readonly string[], bill: string): Promise<void> {
  const { bomFormat, components } = JSON.parse(await readFile(bill, 'utf8')) as Bill;
  assert.equal(bomFormat, 'CycloneDX');
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const packages = await Promise.all(
    manifests.map(async (file) => {
      const { name, version } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
      return `${name}@${version}`;
    }),
  );
  assert.ok(packages.length > 50, String(packages.length));
  assert.deepEqual(
    packages.filter((one) => !named.has(one)),
    [],
  );
}

/** The greenhouse, until its page answers. */
async function starts(t: TestContext, home: string): Promise<void> {
  const words = ['start', '--config', await exampleFile(t), '--simulate', '--data', await temporaryFolder(t)];
  const start = [join(home, 'dist', 'gateway', 'main.js'), ...words];
  if (!isBuiltin('node:sqlite')) {
    const refused = await run(execPath, start).catch((error: unknown) => error as { stderr: string });
    const command = /npm install --prefix \S+ --omit=dev --no-save better-sqlite3@[\d.]+/;
    assert.match(refused.stderr, command);
    // What that would bring, where there is a network and a compiler.
    await symlink(
      join(packageRoot, 'node_modules', 'better-sqlite3'),
      join(home, 'node_modules', 'better-sqlite3'),
    );
  }
  const child = spawn(execPath, start, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(`the devices in: ${said}`, () => said.split('device is online').length > 4);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
}
