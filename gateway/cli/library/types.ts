// `types`: what chips the library has, and the description of one.
import { stdout } from 'node:process';
import { meantOrListed } from '../../../bridge/requests/unknown-device.js';
import { ID_PATTERN } from '../../../shared/topics.js';
import { GatewayError } from '../../../shared/errors.js';
import { chipLibrary, chipText } from '../../config/library.js';
import type { TypesOptions } from './commands.js';
import { printAnswer } from '../print/answer.js';
import { columns } from '../print/columns.js';

/** Rejects with config_unreadable for a chip that is not there. */
export function types(name: string | undefined, { json }: TypesOptions): Promise<void> {
  if (name === undefined) {
    const chips = chipLibrary.names.map((chip) => ({ name: chip, label: labelOf(chip) }));
    printAnswer(json, chips, () => columns(chips.map((chip) => [chip.name, chip.label])));
  } else {
    const text = described(name);
    if (json === true) printAnswer(json, chipLibrary.read(name), () => []);
    else stdout.write(text);
  }
  return Promise.resolve();
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
