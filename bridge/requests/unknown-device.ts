// The error for a device that is not there, for those who may know all that are.
import { GatewayError } from '../../shared/errors.js';
import { nearest } from '../../shared/words/nearest.js';

const MOST_LISTED = 8;
const MOST_CHARS = 64;

/** unknown_device, with the name that was probably meant, or those that there are. */
export function unknownDevice(asked: string, known: Iterable<string>): GatewayError {
  const names = [...known];
  const what = `No device ${asked.slice(0, MOST_CHARS)} is configured.`;
  return new GatewayError('unknown_device', `${what} ${meantOrListed(asked, names)}`);
}

/** `Did you mean x?`, or `There are: x, y.` */
export function meantOrListed(asked: string, names: readonly string[]): string {
  const meant = nearest(asked, names);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  if (names.length === 0) return 'There are none.';
  const more = names.length > MOST_LISTED ? ', …' : '';
  return `There are: ${names.slice(0, MOST_LISTED).join(', ')}${more}.`;
}
