// The configuration file → GatewayConfig. Every mistake is listed at once, with its path and line.
import { createReadStream } from 'node:fs';
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { checkConfig, type Settings } from '../../shared/config/check.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { ConfigPath, Problem } from '../../shared/config/problem.js';
import { weakPoints } from '../../shared/config/weak-points.js';
import { GatewayError } from '../../shared/errors.js';
import { pathText } from '../../shared/config/fit.js';
import { whyOf } from '../process/why.js';
import { ConfigMistakes, type Mistake } from './mistakes.js';
import { chipLibrary } from './library.js';
import { yamlMistakes } from './yaml-mistakes.js';
import { yamlWords } from './yaml-words.js';

/** More than a gateway with a thousand devices needs; a larger file is a mistake, maybe a device file. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** What is wrong with what a sound configuration names, see cli/run/outside-problems.ts. */
export type OutsideCheck = (config: GatewayConfig) => Promise<readonly Problem[]>;

/** Reads and checks a file. Rejects with config_unreadable, or config_invalid with a line for each mistake. */
export async function loadConfig(file: string, ...outside: readonly OutsideCheck[]): Promise<GatewayConfig> {
  return (await loadWritten(file, ...outside)).config;
}

/** As `loadConfig`, with what of the file is probably not meant; what comes from the library is not in it. */
export async function loadJudged(
  file: string,
  ...outside: readonly OutsideCheck[]
): Promise<{ readonly config: GatewayConfig; readonly warnings: readonly Mistake[] }> {
  const { located, isInFile, ...found } = await checked(await readText(file), file, outside);
  return { ...found, warnings: located(weakPoints(found.config).filter(({ path }) => isInFile(path))) };
}

/** As `loadConfig`, with its settings as they are written. */
export async function loadWritten(
  file: string,
  ...outside: readonly OutsideCheck[]
): Promise<Pick<Parsed, 'config' | 'settings'>> {
  return checkWritten(await readText(file), file, ...outside);
}

/** As `loadWritten`, of a text that is not the file's yet. */
export async function checkWritten(
  text: string,
  file: string,
  ...outside: readonly OutsideCheck[]
): Promise<Pick<Parsed, 'config' | 'settings'>> {
  return checked(text, file, outside);
}

async function checked(text: string, file: string, outside: readonly OutsideCheck[]): Promise<Parsed> {
  const found = parsed(text, file);
  const problems = await Promise.all(outside.map((check) => check(found.config)));
  if (problems.flat().length > 0) throw found.refuse(problems.flat());
  return found;
}

/** Checks a file's text. `file` is only named in messages. */
export function parseConfig(text: string, file: string): GatewayConfig {
  return parsed(text, file).config;
}

/** What a gateway's file must have, and a recorder's that runs alone need not: it has no buses and no devices. */
const NO_DEVICES = { gateway: 'recorder', buses: {}, types: {}, devices: {} };

/** For a recorder alone; without a file everything is as it is by default. Rejects as `loadConfig` does. */
export async function loadRecorderConfig(file: string | undefined): Promise<GatewayConfig> {
  const text = file === undefined ? '' : await readText(file);
  return parsed(text, file ?? 'of the recorder', NO_DEVICES).config;
}

interface Parsed {
  readonly config: GatewayConfig;
  readonly settings: Settings;
  readonly refuse: (problems: readonly Problem[]) => GatewayError;
  /** Each with its line, in the order of the file. */
  readonly located: (problems: readonly Problem[]) => readonly Mistake[];
  readonly isInFile: (path: ConfigPath) => boolean;
}

function parsed(text: string, file: string, defaults?: object): Parsed {
  const lines = new LineCounter();
  // A warning of the parser's is a mistake to us, and is told among the others.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'error' });
  // One for a line: what follows on it is mostly of the first.
  const syntax = document.errors
    .map((error) => ({ line: error.linePos?.[0].line ?? 1, message: yamlWords(error) }))
    .filter(({ line }, index, all) => all.findIndex((one) => one.line === line) === index);
  if (syntax.length > 0) throw new ConfigMistakes(file, syntax);
  const unmeant = yamlMistakes(document).map(({ offset, message }) => ({
    line: lines.linePos(offset).line,
    message,
  }));
  if (unmeant.length > 0) throw new ConfigMistakes(file, unmeant);
  const located = (problems: readonly Problem[]): readonly Mistake[] =>
    problems
      .map((problem) => ({
        line: lineOf(document, lines, problem),
        path: formatPath(problem.path),
        message: problem.message,
      }))
      .toSorted((one, other) => one.line - other.line);
  const refuse = (problems: readonly Problem[]): GatewayError => new ConfigMistakes(file, located(problems));
  const data = plainData(document, file);
  const isLeftOut = defaults !== undefined && (data === null || isPlainObject(data));
  const checked = checkConfig(isLeftOut ? { ...defaults, ...data } : data, chipLibrary);
  if (!checked.ok) throw refuse(checked.problems);
  const { config, settings } = checked;
  return { config, settings, refuse, located, isInFile: (path) => document.hasIn(path) };
}

async function readText(file: string): Promise<string> {
  try {
    const text = await readBeginning(file, MAX_CONFIG_BYTES + 1);
    if (text.length <= MAX_CONFIG_BYTES) return text.toString();
  } catch (cause) {
    throw new GatewayError(
      'config_unreadable',
      `The configuration ${file} cannot be read: ${whyOf(cause)}.`,
      {
        cause,
      },
    );
  }
  throw new GatewayError(
    'config_unreadable',
    `The configuration ${file} is over 4 MB; is it the right file?`,
  );
}

/** Not all of it: a pipe and a device file have no size to be asked for, and no end. */
async function readBeginning(file: string, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { end: bytes - 1 })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function isPlainObject(data: unknown): data is object {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** Aliases are bounded by yaml itself (maxAliasCount), so that a small file can't become a huge object. */
function plainData(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new GatewayError('config_invalid', `The configuration ${file} uses too many YAML aliases.`, {
      cause,
    });
  }
}

/** `types.tank.samples[0].read` */
function formatPath(path: ConfigPath): string {
  return path.length === 0 ? '(file)' : pathText(path);
}

/** The line of a path, or of its nearest ancestor where the place is missing from the file. */
function lineOf(document: Document, lines: LineCounter, problem: Problem): number {
  for (let length = problem.path.length; length > 0; length--) {
    const path = problem.path.slice(0, length);
    const offset = keyOffset(document, path) ?? nodeOffset(document, path);
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function keyOffset(document: Document, path: ConfigPath): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1),
  );
  return pair !== undefined && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}

function nodeOffset(document: Document, path: ConfigPath): number | undefined {
  const node = document.getIn(path, true);
  return hasRange(node) ? node.range[0] : undefined;
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
