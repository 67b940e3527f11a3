// The Dockerfile and the compose file, as far as it can be told without a Docker: by a linter, and by Compose's own reading.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../support/repository.js';

const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const HADOLINT = [join(ROOT, 'tests/support/hadolint/hadolint'), 'hadolint'].find(isThere);
const COMPOSE = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...words]) => spawnSync(program, [...words, 'version']).status === 0,
);

test(
  'hadolint finds nothing in the Dockerfile, information included',
  { skip: HADOLINT === undefined && 'HADOLINT IS NOT THERE: tests/support/hadolint/prepare' },
  () => {
    const file = join(ROOT, 'packaging/docker/Dockerfile');
    const { status, stdout } = spawnSync(HADOLINT ?? '', ['--no-color', file], { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [0, '']);
  },
);

test(
  'Compose takes the compose file, and reads of it what is meant',
  { skip: COMPOSE === undefined && 'COMPOSE IS NOT THERE: apt-get install docker-compose' },
  () => {
    const [program = '', ...words] = COMPOSE ?? [];
    const asked = [...words, '--file', join(ROOT, 'packaging/docker/compose.yaml'), 'config'];
    const run = spawnSync(program, asked, { encoding: 'utf8', env: { ...env, I2C_GROUP: '4711' } });
    assert.equal(run.status, 0, run.stderr);
    const { services } = parse(run.stdout) as {
      services: { gateway: { build: { context: string }; network_mode: string; group_add: unknown[] } };
    };
    const { build, network_mode, group_add } = services.gateway;
    assert.deepEqual(
      [build.context, network_mode, group_add.map(String)],
      [ROOT.replace(/\/$/, ''), 'host', ['4711']],
    );
  },
);
