// Whether a reading is a reason for an alarm: beyond its limit, well again, or in between, where what was so stays so.
import type { ValueCondition } from '../../shared/alarms/spec.js';
import type { Value } from '../../shared/sample.js';
import { RateWindow } from './rate-window.js';

export type Verdict = 'beyond' | 'between' | 'well';

/** Takes each believed value of a field, in order. `ms` grows. */
export type Judge = (value: NonNullable<Value>, ms: number) => Verdict;

export function judgeOf(condition: ValueCondition): Judge {
  switch (condition.kind) {
    case 'above': {
      const { limit, hysteresis } = condition;
      return ofNumbers((value) =>
        value > limit ? 'beyond' : value <= limit - hysteresis ? 'well' : 'between',
      );
    }
    case 'below': {
      const { limit, hysteresis } = condition;
      return ofNumbers((value) =>
        value < limit ? 'beyond' : value >= limit + hysteresis ? 'well' : 'between',
      );
    }
    case 'outside': {
      const { low, high, hysteresis } = condition;
      return ofNumbers((value) => {
        if (value < low || value > high) return 'beyond';
        return value >= low + hysteresis && value <= high - hysteresis ? 'well' : 'between';
      });
    }
    case 'is': {
      const values = new Set<Value>(condition.values);
      return (value) => (values.has(value) ? 'beyond' : 'well');
    }
    case 'rate': {
      const { by, withinMs, direction, hysteresis } = condition;
      const window = new RateWindow(withinMs, direction);
      return ofNumbers((value, ms) => {
        const moved = window.take(value, ms);
        return moved > by ? 'beyond' : moved <= by - hysteresis ? 'well' : 'between';
      });
    }
  }
}

function ofNumbers(verdict: (value: number, ms: number) => Verdict): Judge {
  return (value, ms) => (typeof value === 'number' ? verdict(value, ms) : 'between');
}
