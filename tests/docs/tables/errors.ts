// The error codes, from the one closed list.
import { ERROR_CODES } from '../../../shared/errors.js';
import { code, table } from './markdown.js';

export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([name, sentence]) => [code(name), sentence]);
  return table(['code', 'what it means, and what to do'], rows);
}
