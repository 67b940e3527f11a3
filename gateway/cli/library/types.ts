// `types`: what chips the library has, and the description of one.
import { stdout } from 'node:process';
import { meantOrListed } from '../../../bridge/requests/unknown-device.js';
import { ID_PATTERN } from '../../../shared/topics.js';
import { GatewayError } from '../../../shared/errors.js';
import { chipLibrary, chipText } from '../../config/library.js';
import { columns } from '../print/columns.js';

/** Rejects with config_unreadable for a chip that is not there. */
export function types(name: string | undefined): Promise<void> {
  stdout.write(name === undefined ? list() : described(name));
  return Promise.resolve();
}

function list(): string {
  const rows = chipLibrary.names.map((name) => [name, labelOf(name)]);
  return `${columns(rows).join('\n')}\n`;
}

/** A kind of another chip may have none of its own. */
function labelOf(name: string): string {
  const chip = chipLibrary.read(name);
  if (typeof chip !== 'object' || chip === null) return '';
  if ('label' in chip) return String(chip.label);
  return 'use' in chip ? labelOf(String(chip.use)) : '';
}

function described(name: string): string {
  const text = ID_PATTERN.test(name) ? chipText(name) : undefined;
  if (text !== undefined) return text;
  const message = `The library has no ${name.slice(0, 64)}. ${meantOrListed(name, chipLibrary.names)}`;
  throw new GatewayError('config_unreadable', message);
}
