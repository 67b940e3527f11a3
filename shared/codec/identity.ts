// Whether the body of a reply is what the right device answers.
import type { IdentifySpec } from '../device-type.js';
import { hex } from './hex.js';
import { failedTest, testInWords } from './reply-test.js';

/** Undefined where it is; else what was expected, in words. */
export function wrongIdentity(body: Uint8Array, identify: IdentifySpec): string | undefined {
  const { expect, others = [], passes } = identify;
  if (passes !== undefined) {
    const failed = failedTest(body, passes);
    return failed === undefined ? undefined : testInWords(failed);
  }
  const right = [expect, ...others];
  if (right.some((one) => isSame(one, body))) return undefined;
  return `expected ${right.map(hex).join(' or ')}`;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
