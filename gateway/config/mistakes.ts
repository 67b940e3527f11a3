// What is wrong with a configuration: for people in one text, for programs one by one.
import { GatewayError } from '../../shared/errors.js';

export interface Mistake {
  /** From 1. */
  readonly line: number;
  /** `types.tank.samples[0].read`; absent where it is no YAML. */
  readonly path?: string;
  readonly message: string;
}

/** A file with more mistakes than this is of another kind; the count is still told. */
const MAX_LISTED = 50;

/** config_invalid, with the first mistakes in its message. */
export class ConfigMistakes extends GatewayError {
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[]) {
    const count = mistakes.length === 1 ? '1 mistake' : `${String(mistakes.length)} mistakes`;
    const shown = mistakes
      .slice(0, MAX_LISTED)
      .map(
        ({ line, path, message }) =>
          `\n  ${[`${file}:${String(line)}`, ...(path === undefined ? [] : [path]), message].join(': ')}`,
      );
    const left = mistakes.length - shown.length;
    const more = left > 0 ? `\n  … and ${String(left)} more` : '';
    super('config_invalid', `The configuration ${file} has ${count}:${shown.join('')}${more}`);
    this.mistakes = mistakes;
  }
}
