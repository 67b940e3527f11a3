// A webhook and a notice → one request over HTTP: facts in their places, secrets from the environment.
import { filled } from '../../shared/alarms/sentence.js';
import type { WebhookSpec } from '../../shared/alarms/spec.js';
import type { Notice } from '../../bridge/alarms/notices.js';

const SECRET = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that its texts ask the environment for and that are not there. */
export function missingSecrets({ url, headers, body }: WebhookSpec, env: Environment): readonly string[] {
  const asked = JSON.stringify([url, headers, body ?? '']).matchAll(SECRET);
  return [...new Set([...asked].map(([, name = '']) => name))].filter((name) => env[name] === undefined);
}

export interface Rendered {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function rendered(webhook: WebhookSpec, notice: Notice, env: Environment): Rendered {
  const facts = factsOf(notice);
  // The secrets first: what a person has typed into a note names none.
  const fill = (text: string, written: (fact: string) => string = (fact) => fact): string =>
    filled(withSecrets(text, env), (name) => {
      const fact = facts.get(name);
      return fact === undefined ? undefined : written(fact.text);
    });
  const { method, body } = webhook;
  const json = typeof body === 'object' && 'json' in body ? filledJson(body.json, fill, facts) : undefined;
  const type = body !== undefined && 'text' in body ? 'text/plain; charset=utf-8' : 'application/json';
  const headers = Object.fromEntries(
    Object.entries(webhook.headers).map(([name, text]) => [name, headerText(fill(text))]),
  );
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const common = { url: fill(webhook.url, encodeURIComponent), method };
  if (method === 'GET') return { ...common, headers };
  return {
    ...common,
    headers: hasType ? headers : { ...headers, 'Content-Type': type },
    body:
      body !== undefined && 'text' in body
        ? fill(body.text)
        : JSON.stringify(json ?? Object.fromEntries([...facts].map(([name, { bare }]) => [name, bare]))),
  };
}

interface FactOf {
  readonly text: string;
  /** Alone in a text of JSON. */
  readonly bare: unknown;
}

function factsOf({
  facts,
  id,
  what,
  message,
  by = '',
  note = '',
  ts,
  value,
  since,
}: Notice): ReadonlyMap<string, FactOf> {
  const texts = { ...facts, id, what, message, by, note, ts: new Date(ts).toISOString() };
  const bare: Readonly<Record<string, unknown>> = { value, ts, since };
  return new Map(
    Object.entries(texts).map(([name, text]) => [name, { text, bare: name in bare ? bare[name] : text }]),
  );
}

function withSecrets(text: string, env: Environment): string {
  return text.replaceAll(SECRET, (_, name: string) => env[name] ?? '');
}

function filledJson(
  json: unknown,
  fill: (text: string) => string,
  facts: ReadonlyMap<string, FactOf>,
): unknown {
  if (typeof json === 'string') {
    const [, alone] = /^\{([a-z_]+)\}$/.exec(json) ?? [];
    const fact = alone === undefined ? undefined : facts.get(alone);
    return fact === undefined ? fill(json) : fact.bare;
  }
  if (Array.isArray(json)) return json.map((item) => filledJson(item, fill, facts));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, filledJson(item, fill, facts)]));
}

/** One line, as UTF-8: a header is bytes, which fetch wants as Latin 1. */
function headerText(text: string): string {
  return Buffer.from(text.replaceAll(/\p{Cc}+/gu, ' ').trim()).toString('latin1');
}
