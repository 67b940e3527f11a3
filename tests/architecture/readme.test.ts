import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { z } from 'zod';
import { buildProgram } from '../../gateway/cli/program.js';
import { configSchema } from '../../shared/config/schema.js';
import { ERROR_CODES } from '../../shared/errors.js';
import { Topics } from '../../shared/topics.js';
import { read } from './repository.js';

const readme = read('README.md');
const fenced = [...readme.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```/gm)]
  .map(([, code]) => code ?? '')
  .join('\n');
const inline = [...readme.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');

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

interface Key {
  /** `recorder.keep`; a name the user chooses is `*`, an item of a list `[]`. */
  readonly path: string;
  readonly name: string;
}

type Node = z.core.JSONSchema.JSONSchema;

/** Every key of the configuration, however deep. */
function configKeys(): Key[] {
  const schema: Node = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const keys = new Map<string, Key>();
  const enter = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, additionalProperties, items, anyOf, oneOf, allOf, $ref } = node as Node;
    assert.equal($ref, undefined, 'a schema with references needs a walk that follows them');
    for (const [name, child] of Object.entries(properties ?? {})) {
      const below = path === '' ? name : `${path}.${name}`;
      keys.set(below, { path: below, name });
      enter(child, below);
    }
    enter(additionalProperties, `${path}.*`);
    for (const item of [items].flat()) enter(item, `${path}[]`);
    for (const branch of [anyOf, oneOf, allOf].flatMap((branches) => branches ?? [])) enter(branch, path);
  };
  enter(schema, '');
  return [...keys.values()];
}

function program(): Command {
  const nothing = (): Promise<void> => Promise.resolve();
  const actions = {
    ...{ start: nothing, check: nothing, schema: nothing, history: nothing, exportAll: nothing },
    ...{ logbook: nothing, deadLetters: nothing },
    ...{ scan: nothing, read: nothing, write: nothing, trace: nothing },
  };
  return buildProgram('0.0.0', { ...actions, passwd: nothing, user: nothing });
}

function commandsBelow(parent: Command): Command[] {
  return parent.commands.flatMap((command) => [command, ...commandsBelow(command)]);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** In a code block or a code span, as a word of its own. */
function namedAsCode(word: string): boolean {
  const pattern = new RegExp(`(?<![\\w-])${escaped(word)}(?![\\w-])`);
  return pattern.test(fenced) || inline.some((code) => pattern.test(code));
}

test('the lists the README is held against are found at all', () => {
  const keys = configKeys().map(({ path }) => path);
  assert.ok(topics().includes('device/<x>/reply/<x>') && topics().includes('status'), topics().join());
  assert.ok(keys.includes('recorder.keep') && keys.includes('devices.*.address'), keys.join());
  assert.ok(keys.includes('types.*.samples[].every'), keys.join());
  assert.ok(commandsBelow(program()).some((command) => command.name() === 'check'));
});

test('the README names every topic', () => {
  const missing = topics().filter((topic) => {
    const pattern = escaped(topic).replaceAll('<x>', '<[a-z-]+>');
    return !inline.some((code) => new RegExp(`(^|/)${pattern}$`).test(code));
  });
  assert.deepEqual(missing, []);
});

test('the README has every error code on one line with its sentence', () => {
  const lines = readme.split('\n');
  const missing = Object.entries(ERROR_CODES).filter(
    ([code, sentence]) => !lines.some((line) => line.includes(`\`${code}\``) && line.includes(sentence)),
  );
  assert.deepEqual(missing, []);
});

test('the README explains no error code that is not in the list', () => {
  const [, section = ''] = /^#+ Error codes$([\s\S]*?)(?:^#|$(?![\s\S]))/im.exec(readme) ?? [];
  const explained = [...section.matchAll(/^\| *`([^`]+)`/gm)].map(([, code]) => code);
  assert.deepEqual(explained.sort(), Object.keys(ERROR_CODES).sort());
});

test('the README names every key of the configuration', () => {
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

test('the README names every command and every option of the command line', () => {
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
