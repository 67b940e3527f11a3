// How long a command's output stays as it was told: as the command says, or as its description does.
import { parseDurationMs } from '../../shared/config/schema/scalars.js';
import type { CommandSpec } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import { durationText, durationWords } from '../../shared/words/amounts.js';

/** Milliseconds; undefined where it stays for good. Throws GatewayError bad_argument. */
export function durationOf(spec: CommandSpec, asked: string | undefined): number | undefined {
  const { ending } = spec;
  if (asked === undefined) return ending?.defaultMs;
  if (ending === undefined) {
    throw new GatewayError(
      'bad_argument',
      `${spec.id} takes no for: its description says under safe what would follow.`,
    );
  }
  const ms = parseDurationMs(asked);
  if (ms !== undefined && ms >= 1 && ms <= ending.maxMs) return ms;
  const why =
    ms === undefined ? durationWords({ input: asked }) : `is from 1ms to ${durationText(ending.maxMs)}`;
  throw new GatewayError('bad_argument', `for: ${why}.`);
}
