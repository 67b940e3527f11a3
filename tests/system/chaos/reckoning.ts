// What was promised against what is there.
import { isDeepStrictEqual } from 'node:util';
import type { Sample } from '../../../shared/sample.js';
import type { ChaosClient } from './chaos-clients.js';
import type { StoredSample } from './stored.js';

export interface Witnesses {
  readonly clients: readonly ChaosClient[];
  /** Its samples have no identity of their own: at least once. */
  readonly nameless: ChaosClient;
  /** By identity, as a subscriber got them. */
  readonly seen: ReadonlyMap<string, Sample>;
  /** When the gateway's processes were started. */
  readonly runs: readonly { readonly from: number; readonly to: number }[];
}

/** A sentence for each sample that is lost, doubled, changed or invented; at most 20 of them. */
export function compare(found: readonly StoredSample[], witnesses: Witnesses): string[] {
  const stored = new Map(found.map((sample) => [sample.identity, sample]));
  const wrong = [
    ...doubled(found),
    ...lost(stored, witnesses),
    ...changed(stored, witnesses),
    ...invented(stored, witnesses),
    ...namelessWrong(found, witnesses.nameless),
  ];
  return wrong.slice(0, 20);
}

export function doubled(found: readonly StoredSample[]): string[] {
  const met = new Set<string>();
  return found.flatMap(({ identity }) => {
    if (met.has(identity)) return [`doubled: ${identity}`];
    met.add(identity);
    return [];
  });
}

function lost(stored: ReadonlyMap<string, StoredSample>, { clients, seen }: Witnesses): string[] {
  const acknowledged = clients.flatMap((client) => [...client.acknowledged]);
  return [...acknowledged, ...seen.keys()]
    .filter((identity) => !stored.has(identity))
    .map((identity) => `lost: ${identity}`);
}

function changed(stored: ReadonlyMap<string, StoredSample>, { seen }: Witnesses): string[] {
  return [...seen]
    .filter(([identity, { values }]) => {
      const there = stored.get(identity);
      return there !== undefined && !isDeepStrictEqual({ ...there.values }, { ...values });
    })
    .map(([identity]) => `changed: ${identity}`);
}

/** Neither sent by a client nor read by one of the gateway's runs. */
function invented(stored: ReadonlyMap<string, StoredSample>, witnesses: Witnesses): string[] {
  const { clients, nameless, runs } = witnesses;
  const sent = new Map(clients.flatMap((client) => [...client.sent]));
  const own = new Set(clients.map(({ device }) => device));
  return [...stored.values()]
    .filter(({ identity, device, values }) => {
      if (device === nameless.device) return false;
      if (own.has(device)) return sent.get(identity) !== values['n'];
      // A boot begins with the moment of its start, in base 36.
      const startedAt = parseInt(identity, 36);
      return !runs.some(({ from, to }) => from <= startedAt && startedAt <= to);
    })
    .map(({ identity }) => `invented: ${identity}`);
}

function namelessWrong(found: readonly StoredSample[], nameless: ChaosClient): string[] {
  const there = new Set(
    found.filter(({ device }) => device === nameless.device).map(({ values }) => values['n']),
  );
  const sent = new Set<unknown>(nameless.sent.values());
  const missing = [...nameless.acknowledged].filter(
    (identity) => !there.has(nameless.sent.get(identity) ?? null),
  );
  return [
    ...missing.map((identity) => `lost: ${identity}, which had no identity`),
    ...[...there].filter((n) => !sent.has(n)).map((n) => `invented: ${nameless.device} ${String(n)}`),
  ];
}

/** A sentence for each boot and device whose numbers do not go from 0 to the last without a gap. */
export function gaps(found: readonly StoredSample[]): string[] {
  const runs = new Map<string, number[]>();
  for (const { identity } of found) {
    const end = identity.lastIndexOf('/');
    const run = identity.slice(0, end);
    runs.set(run, [...(runs.get(run) ?? []), Number(identity.slice(end + 1))]);
  }
  return [...runs].flatMap(([run, numbers]) => {
    const there = new Set(numbers);
    const missing = Array.from({ length: Math.max(...numbers) + 1 }, (_, seq) => seq).filter(
      (seq) => !there.has(seq),
    );
    return missing.length === 0 ? [] : [`gap: ${run} lacks ${missing.slice(0, 5).join(', ')}`];
  });
}
