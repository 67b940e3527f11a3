// Where this machine is found.
import { hostname, networkInterfaces } from 'node:os';
import type { Whereabouts } from '../../shared/messages.js';

/** Of this machine, for people who look for it. Asked anew each time: an address may come after the start. */
export function whereabouts(): Whereabouts {
  const addresses = Object.values(networkInterfaces()).flatMap((own) => own ?? []);
  const outer = addresses.filter(({ internal }) => !internal);
  const address = (outer.find(({ family }) => family === 'IPv4') ?? outer[0])?.address;
  return { host: hostname(), ...(address === undefined ? {} : { address }) };
}
