// What README and docs/ have to name: every topic, error code, key, command, option and metric. Their tables are made from
// the code (npm run docs) and must be of now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from '../../gateway/metrics/table.js';
import { ERROR_CODES } from '../../shared/errors.js';
import { TOPIC_TABLE } from '../../shared/topic-table.js';
import { Topics } from '../../shared/topics.js';
import { configKeys } from '../docs/config-keys.js';
import { fill, GENERATED, generatedParts } from '../docs/generated.js';
import { everyPage } from '../docs/pages.js';
import { commandsBelow, program } from '../docs/program.js';
import { ownWords, shellCommands } from '../docs/shell-commands.js';
import { sectionOf } from '../docs/tables/settings.js';
import { read } from '../support/repository.js';

const everything = everyPage().map(read).join('\n');
const fenced = [...everything.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```/gm)]
  .map(([, code]) => code ?? '')
  .join('\n');
const inline = [...everything.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');

/** Every topic below `<base>/<gateway>/`, ids as `<x>`: what the getters and methods of Topics make. */
function topics(): string[] {
  const made = new Topics('base', 'gateway');
  const members = Object.entries(Object.getOwnPropertyDescriptors(Topics.prototype));
  const names = members.flatMap(([name, member]) => {
    if (name === 'constructor' || name.startsWith('parse')) return [];
    if (member.get !== undefined) return [member.get.call(made) as string];
    const make = member.value as (this: Topics, ...ids: string[]) => string;
    return [make.apply(made, Array<string>(make.length).fill('<x>'))];
  });
  return [...new Set(names.map((name) => name.replace('base/gateway/', '').replaceAll('+', '<x>')))];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** In a code block or a code span, as a word of its own. */
function namedAsCode(word: string): boolean {
  const pattern = new RegExp(`(?<![\\w-])${escaped(word)}(?![\\w-])`);
  return pattern.test(fenced) || inline.some((code) => pattern.test(code));
}

test('the lists the documentation is held against are found at all', () => {
  const keys = configKeys().map(({ path }) => path);
  assert.ok(topics().includes('device/<x>/reply/<x>') && topics().includes('status'), topics().join());
  assert.ok(keys.includes('recorder.keep') && keys.includes('devices.*.address'), keys.join());
  assert.ok(keys.includes('types.*.samples[].every'), keys.join());
  assert.ok(commandsBelow(program()).some((command) => command.name() === 'check'));
});

test('every generated part is of now, and stands in one place: npm run docs makes them anew', () => {
  for (const path of everyPage()) assert.equal(read(path), fill(read(path)), path);
  const parts = everyPage().flatMap((path) => generatedParts(read(path)));
  assert.deepEqual(parts.sort(), [...GENERATED.keys()].sort());
});

test('the table of topics has every topic, and no other', () => {
  const described = TOPIC_TABLE.map(({ topic }) => topic.replaceAll(/<[a-z]+>/g, '<x>'));
  assert.deepEqual(described.sort(), topics().sort());
});

test('docs/errors.md has every error code on one line with its sentence', () => {
  const lines = read('docs/errors.md').split('\n');
  const missing = Object.entries(ERROR_CODES).filter(
    ([code, sentence]) => !lines.some((line) => line.includes(`\`${code}\``) && line.includes(sentence)),
  );
  assert.deepEqual(missing, []);
});

test('docs/errors.md explains no error code that is not in the list', () => {
  const explained = [...read('docs/errors.md').matchAll(/^\| *`([^`]+)`/gm)].map(([, code]) => code);
  assert.deepEqual(explained.sort(), Object.keys(ERROR_CODES).sort());
});

test('every key of the configuration says in its schema what it does, and is in a table', () => {
  const silent = configKeys().filter(({ description }) => description === undefined || description === '');
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
  const homeless = configKeys().filter(({ path }) => path.includes('.') && sectionOf(path) === undefined);
  assert.deepEqual(
    homeless.map(({ path }) => path),
    [],
  );
});

test('the documentation names every key of the configuration', () => {
  const missing = configKeys().filter(({ path, name }) => {
    const isSetting = !path.includes('*') && path.includes('.');
    if (isSetting) return !inline.includes(path);
    return !new RegExp(`(^|[\\s{,-])${escaped(name)}:`, 'm').test(fenced) && !inline.includes(name);
  });
  assert.deepEqual(
    missing.map(({ path }) => path),
    [],
  );
});

test('the documentation names every command and every option of the command line', () => {
  const root = program();
  const commands = commandsBelow(root);
  const options = [root, ...commands].flatMap((command) => command.options);
  const words = [
    ...commands.flatMap((command) => [command.name(), ...command.aliases()]),
    ...options.flatMap((option) => option.long ?? option.short ?? []),
  ];
  assert.ok(words.length > 3);
  assert.deepEqual(
    [...new Set(words)].filter((word) => !namedAsCode(word)),
    [],
  );
});

test('docs/metrics.md names every metric', () => {
  const page = read('docs/metrics.md');
  const named = new Set([...page.matchAll(/`([a-z_]+)(?:\{[a-z,]+\})?`/g)].map(([, name]) => name));
  assert.deepEqual(
    METRICS.map(({ name }) => name).filter((name) => !named.has(name)),
    [],
  );
});

test('what the documentation tells to type is understood, with all its options', async () => {
  const typed = shellCommands().flatMap(({ page, line }) => {
    const words = ownWords(line);
    return words === undefined ? [] : [{ page, line, words }];
  });
  assert.ok(typed.length > 20);
  for (const { page, line, words } of typed) {
    const root = program();
    for (const command of [root, ...commandsBelow(root)])
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    await assert.doesNotReject(root.parseAsync(words, { from: 'user' }), `${page}: ${line}`);
  }
});
