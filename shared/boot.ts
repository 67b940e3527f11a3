// The name of one run of a gateway: part of every sample's identity.
import { isOfSetClock } from './moment.js';

/** Time-sortable (base 36 of epoch ms) with a random part, so that no two runs of any two gateways share it. */
export function newBootId(now: number, randomBytes: Uint8Array): string {
  const random = [...randomBytes].map((byte) => (byte % 36).toString(36)).join('');
  return `${now.toString(36)}-${random}`;
}

/** Whether it looks like one of these, or like the id of a store: who chooses a name by hand chooses another. */
export function isMadeByGateway(boot: string): boolean {
  if (/^store-[\da-f]{16}$/.test(boot)) return true;
  const [, time = ''] = /^([\da-z]{8,9})-[\da-z]{6}$/.exec(boot) ?? [];
  return isOfSetClock(Number.parseInt(time, 36));
}
