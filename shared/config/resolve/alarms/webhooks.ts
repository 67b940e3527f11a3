// Who is told of alarms over HTTP, as written → what it means.
import { FACTS, unknownFacts } from '../../../alarms/sentence.js';
import type { WebhookSpec } from '../../../alarms/spec.js';
import type { Problem } from '../../problem.js';
import type { AlarmsInput } from '../../schema/alarm.js';
import { durationMs } from '../../schema/scalars.js';

/** What can stand in a webhook's texts beside the facts of a sentence, with what it is. */
export const NOTICE_FACTS = {
  message: 'the sentence',
  what: '`raised`, `cleared` or `acknowledged`',
  id: 'the same for each attempt at one notice, and no other’s',
  by: 'who has acknowledged it',
  note: 'what was said with that',
  ts: 'when it happened, ISO 8601',
} as const;

const KNOWN = [...Object.keys(FACTS), ...Object.keys(NOTICE_FACTS)];
const LONGEST_TIMEOUT_MS = 300_000;

export function resolveWebhooks({ webhooks }: AlarmsInput, problems: Problem[]): readonly WebhookSpec[] {
  return Object.entries(webhooks).map(([id, input]) => {
    const report = (key: string, message: string): void => {
      problems.push({ path: ['alarms', 'webhooks', id, key], message });
    };
    const { url, method, headers, body, json, severity } = input;
    const texts = {
      url,
      body: body ?? '',
      headers: Object.values(headers).join(' '),
      json: JSON.stringify(json ?? ''),
    };
    for (const [key, text] of Object.entries(texts)) {
      const [unknown] = unknownFacts(text.replaceAll(/\$\{[^}]*\}/g, ''), KNOWN);
      if (unknown !== undefined)
        report(
          key,
          `has {${unknown}}, which is not known; there are ${KNOWN.map((name) => `{${name}}`).join(', ')}`,
        );
    }
    if (body !== undefined && json !== undefined) report('json', 'goes in place of body; remove one of them');
    if (method === 'GET' && (body !== undefined || json !== undefined))
      report('method', 'is GET, which has no body; use POST');
    const timeoutMs = durationMs(input.timeout);
    if (timeoutMs < 100 || timeoutMs > LONGEST_TIMEOUT_MS) report('timeout', 'is from 100ms to 5m');
    return {
      ...{ id, url, method, headers, severity, timeoutMs },
      keepMs: durationMs(input.keep),
      occasions: new Set(input.when),
      ...(body === undefined ? (json === undefined ? {} : { body: { json } }) : { body: { text: body } }),
    };
  });
}
