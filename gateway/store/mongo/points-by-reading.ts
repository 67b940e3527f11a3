// Points of a field where the server can't make them: the range is read, one document after the other, and counted here.
import type { Collection } from 'mongodb';
import { GatewayError } from '../../../shared/errors.js';
import { MOST_READINGS, PointMaker, type Point, type PointsQuery } from '../../../shared/points.js';
import { escapeKey, type SampleDocument } from './document.js';
import { ANSWER_WITHIN_MS } from './samples.js';

/** Rejects with too_large where the range has more samples than are looked at. */
export async function pointsByReading(
  collection: Collection<SampleDocument>,
  query: PointsQuery,
  mostReadings = MOST_READINGS,
): Promise<readonly Point[]> {
  const { device, gateway, field, fromTs, toTs } = query;
  const key = escapeKey(field);
  const filter = {
    device,
    ts: { $gte: new Date(fromTs), $lt: new Date(toTs) },
    ...(gateway === undefined ? {} : { gateway }),
  };
  // The whole document where the name could be taken for an operator: a projection has no other way to name it.
  const projection = key === '' ? {} : { projection: { ts: 1, [`values.${key}`]: 1 } };
  const cursor = collection
    .find(filter, { maxTimeMS: ANSWER_WITHIN_MS, ...projection })
    .limit(mostReadings + 1);
  const maker = new PointMaker(query);
  let looked = 0;
  for await (const { ts, values } of cursor) {
    looked += 1;
    if (looked > mostReadings) {
      const message = `The range has more than ${String(mostReadings)} samples, and this server leaves the counting to the gateway. Ask for a shorter one, or several.`;
      throw new GatewayError('too_large', message);
    }
    maker.add(ts.getTime(), Object.hasOwn(values, key) ? values[key] : undefined);
  }
  return maker.points();
}
