// The log of a process that runs on: the terminal's, and files in the data folder.
import { env, stdout } from 'node:process';
import type { GatewayConfig } from '../../../shared/config/config.js';
import type { Clock } from '../../../shared/ports.js';
import { createLogger, type Logger } from '../../logging/logger.js';
import { isJournal } from '../../service/journal.js';
import { isColoured } from '../print/paint.js';

export async function openLogger(
  { level, fileBytes, files }: GatewayConfig['log'],
  dataDir: string,
  clock: Clock,
): Promise<Logger> {
  return createLogger({
    level,
    clock,
    output: stdout,
    style: stdout.isTTY ? 'words' : isJournal(env['JOURNAL_STREAM'], stdout.fd) ? 'journal' : 'json',
    colors: isColoured(stdout),
    file: { folder: `${dataDir}/logs`, maxBytes: fileBytes, maxFiles: files },
  });
}
