// Points of a field out of MongoDB, made by the server; with nothing that MongoDB 4.4 has not (such as $dateTrunc).
import type { Document } from 'mongodb';
import { meanOf, SCALED_DOWN, type Point, type PointsQuery } from '../../../shared/points.js';
import { escapeKey } from './document.js';

export function pointsPipeline({ device, gateway, field, fromTs, toTs, bucketMs }: PointsQuery): Document[] {
  const path = `values.${escapeKey(field)}`;
  const ofGateway = gateway === undefined ? {} : { gateway };
  const sinceFirst = { $subtract: [{ $toLong: '$ts' }, fromTs] };
  return [
    { $match: { device, ts: { $gte: new Date(fromTs), $lt: new Date(toTs) }, ...ofGateway } },
    // 1 and 0 for a boolean; what is no number goes.
    { $project: { ts: 1, value: `$${path}` } },
    {
      $project: {
        ts: 1,
        value: {
          $cond: [{ $eq: ['$value', true] }, 1, { $cond: [{ $eq: ['$value', false] }, 0, '$value'] }],
        },
      },
    },
    { $match: { value: { $type: ['int', 'long', 'double'] } } },
    {
      $group: {
        _id: { $floor: { $divide: [sinceFirst, bucketMs] } },
        count: { $sum: 1 },
        min: { $min: '$value' },
        avg: { $avg: '$value' },
        scaledDown: { $avg: { $multiply: ['$value', SCALED_DOWN] } },
        max: { $max: '$value' },
      },
    },
    { $sort: { _id: 1 } },
  ];
}

export function pointOfDocument({ _id, count, min, avg, scaledDown, max }: Document): Point {
  return {
    bucket: Number(_id),
    count: Number(count),
    min: Number(min),
    avg: meanOf(avg, scaledDown),
    max: Number(max),
  };
}
