// The settings and the keys of a description, from the configuration's schema; the limits' defaults from the broker.
import { DEFAULT_LIMITS } from '../../../gateway/broker/mqtt/limits.js';
import { MAX_FRAME_BYTES } from '../../../gateway/web/server.js';
import { resolveLimits } from '../../../shared/config/resolve/network.js';
import { configKeys, type ConfigKey } from '../config-keys.js';
import { code, table, type Row } from './markdown.js';

const QUESTION = /^types\.\*\.(?:.*\.steps\[\]|identify|samples\[\]|constants\[\]|commands\.\*\.verify)\./;
/** What bits have to be, wherever that is said. */
const BITS =
  /^.*\.(?:when|valid|configured|expect|only_if)(?:\[\])?\.(?=(?:at|type|field|mask|is|not|min|max)$)/;
const ALARMS = /^.*\.alarms\.\*\./;
const WEBHOOKS = /^alarms\.webhooks\.\*\./;
const STEPS = /^.*\.steps\[\]\./;

/** Each section with the keys that stand in it; the first that a key belongs to has it. */
const SECTIONS = {
  settings: (path: string) => !path.includes('*') && path.includes('.'),
  webhooks: (path: string) => path.startsWith('alarms.webhooks.*.'),
  alarms: (path: string) => ALARMS.test(path),
  buses: (path: string) => path.startsWith('buses.*.'),
  devices: (path: string) => path.startsWith('devices.*.'),
  bits: (path: string) => BITS.test(path),
  fields: (path: string) => path.includes('.fields.*.'),
  check: (path: string) => path.includes('.check.') || path.includes('.write_check.'),
  question: (path: string) => QUESTION.test(path) && questionNames().has(belowQuestion(path)),
  steps: (path: string) => STEPS.test(path),
  samples: (path: string) => path.startsWith('types.*.samples[].'),
  commands: (path: string) => path.startsWith('types.*.commands.*.'),
  types: (path: string) => path.startsWith('types.*.'),
} as const satisfies Record<string, (path: string) => boolean>;

export type Section = keyof typeof SECTIONS;

export function sectionOf(path: string): Section | undefined {
  return (Object.keys(SECTIONS) as Section[]).find((section) => SECTIONS[section](path));
}

export function settingsTable(): string {
  const rows = configKeys()
    .filter(({ path }) => sectionOf(path) === 'settings')
    .map((key) => [code(key.path), codeOrNothing(defaultOf(key)), meaningOf(key)]);
  return table(['setting', 'default', ''], rows);
}

/** The keys of one section, each once: what several kinds have alike is one row. */
export function keyTable(section: Section): string {
  const rows = new Map<string, Row>();
  for (const key of configKeys()) {
    if (sectionOf(key.path) !== section) continue;
    const row = [code(shortened(section, key.path)), codeOrNothing(bitsAsHex(key)), meaningOf(key)];
    const known = rows.get(row.join());
    if (known === undefined) rows.set(row.join(), row);
  }
  return table(['key', 'default', ''], [...rows.values()]);
}

const PREFIX: Partial<Record<Section, RegExp>> = {
  webhooks: WEBHOOKS,
  alarms: ALARMS,
  buses: /^buses\.\*\./,
  devices: /^devices\.\*\./,
  bits: BITS,
  fields: /^.*\.fields\.\*\./,
  check: /^.*\.(?:write_)?check\./,
  question: QUESTION,
  steps: STEPS,
  samples: /^types\.\*\.samples\[\]\./,
  commands: /^types\.\*\.commands\.\*\./,
  types: /^types\.\*\./,
};

function shortened(section: Section, path: string): string {
  return path
    .replace(PREFIX[section] ?? /^/, '')
    .replaceAll('.*', '.<id>')
    .replaceAll('[]', '');
}

function belowQuestion(path: string): string {
  return path.replace(QUESTION, '');
}

/** What samples, identify and verify have in common, but for `write`, which means something else in each. */
function questionNames(): ReadonlySet<string> {
  known ??= namesInCommon();
  return known;
}

/** Found once: the schema is large. */
let known: ReadonlySet<string> | undefined;

function namesInCommon(): ReadonlySet<string> {
  const below = (start: string): string[] =>
    configKeys().flatMap(({ path }) => (path.startsWith(start) ? [path.slice(start.length)] : []));
  const ofSamples = new Set(below('types.*.samples[].'));
  return new Set(below('types.*.identify.').filter((name) => name !== 'write' && ofSamples.has(name)));
}

/** The types of a field are too many for a cell: docs/fields.md has them. */
const MOST_CHOICES = 8;

function meaningOf({ description = '', choices }: ConfigKey): string {
  const told = choices.length > MOST_CHOICES || choices.every((choice) => description.includes(code(choice)));
  return told ? description : `${description}. One of ${choices.map(code).join(', ')}`;
}

/** Polynomials are known by their hexadecimal names. */
function bitsAsHex({ name, default: value }: ConfigKey): string | undefined {
  return name === 'poly' ? `0x${Number(value).toString(16).padStart(2, '0')}` : value;
}

function codeOrNothing(text: string | undefined): string {
  return text === undefined ? '' : code(text);
}

function defaultOf(key: ConfigKey): string | undefined {
  return key.path.startsWith('limits.') ? limitDefault(key) : key.default;
}

/** Which of the broker's limits a setting is, the configuration knows: it is asked with one that sets only this. */
function limitDefault({ name, isText }: ConfigKey): string | undefined {
  const [limit] = (isText ? ['1s', '1KB'] : [1]).flatMap((value) =>
    Object.keys(resolveLimits({ [name]: value })),
  );
  if (limit === 'maxWebSocketFrameBytes') return sizeText(MAX_FRAME_BYTES);
  const value = DEFAULT_LIMITS[limit as keyof typeof DEFAULT_LIMITS];
  if (!Number.isFinite(value)) return undefined;
  if (!isText) return String(value);
  return limit?.endsWith('Ms') === true ? durationText(value) : sizeText(value);
}

function sizeText(bytes: number): string {
  return `${String(bytes / 1024 ** 2)}MB`;
}

function durationText(ms: number): string {
  return ms % 86_400_000 === 0 ? `${String(ms / 86_400_000)}d` : `${String(ms / 1000)}s`;
}
