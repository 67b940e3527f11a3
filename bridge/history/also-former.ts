// What was recorded of a device that was renamed is found under both of its ids: the one of now, and its first.
import type { LogbookQuery } from '../../shared/logbook.js';
import { mergePoints, type Point, type PointsQuery } from '../../shared/points.js';
import type { RecordedSample } from '../../shared/sample.js';
import type { HistoryQuery, Outbox, ReadingStore } from '../../shared/stores.js';
import { mergeSamples } from './merge-samples.js';

type Asked = Pick<HistoryQuery, 'device' | 'gateway'>;
/** Where else to look; undefined of a device that has always had its id. */
export type Former = (asked: Asked) => Required<Asked> | undefined;
type Readings = Pick<ReadingStore, 'query' | 'points' | 'known'>;

/** A store may have samples of several gateways, and the id that it was may be a device of another one. */
export function formerOf(
  own: string,
  devices: ReadonlyMap<string, { readonly was?: string | undefined }>,
): Former {
  return ({ device, gateway = own }) => {
    const was = gateway === own ? devices.get(device)?.was : undefined;
    return was === undefined ? undefined : { device: was, gateway: own };
  };
}

/** The same question of the logbook, for both ids. */
export function logbookOfBoth(query: LogbookQuery, former: Former): LogbookQuery {
  const before = query.device === undefined ? undefined : former({ device: query.device });
  return before === undefined ? query : { ...query, formerDevice: before.device };
}

/** Outbox and store as the history asks them. */
export function ofBothIds(
  outbox: Pick<Outbox, 'query'>,
  store: Readings,
  former: Former,
): readonly [Pick<Outbox, 'query'>, Readings] {
  return [outboxOfBoth(outbox, former), storeOfBoth(store, former)];
}

function outboxOfBoth(of: Pick<Outbox, 'query'>, former: Former): Pick<Outbox, 'query'> {
  return { query: async (query) => queryBoth(of, query, former) };
}

function storeOfBoth(of: Readings, former: Former): Readings {
  return {
    query: async (query) => queryBoth(of, query, former),
    points: async (query) => pointsOfBoth(of, query, former),
    known: async (device, samples) => knownOfBoth(of, device, samples, former),
  };
}

async function queryBoth(
  of: Pick<Outbox, 'query'>,
  query: HistoryQuery,
  former: Former,
): Promise<readonly RecordedSample[]> {
  const found = await of.query(query);
  const before = former(query);
  return before === undefined ? found : mergeSamples(await of.query({ ...query, ...before }), found, query);
}

async function pointsOfBoth(of: Readings, query: PointsQuery, former: Former): Promise<readonly Point[]> {
  const found = await of.points(query);
  const before = former(query);
  return before === undefined ? found : mergePoints(await of.points({ ...query, ...before }), found);
}

/** No run of a gateway has a device under both ids: what has an identity under one of them has none under the other. */
async function knownOfBoth(
  of: Readings,
  device: string,
  samples: readonly Pick<RecordedSample, 'boot' | 'seq' | 'gateway'>[],
  former: Former,
): Promise<ReadonlySet<number>> {
  const known = (await of.known?.(device, samples)) ?? [];
  const before = former({ device });
  const more = before === undefined ? undefined : await of.known?.(before.device, samples);
  return new Set([...known, ...(more ?? [])]);
}
