// `backup`: all of a gateway in one file.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { stderr } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { configContents, dataContents, type Contents } from '../../backup/contents.js';
import { makeBackup } from '../../backup/make.js';
import type { Manifest } from '../../backup/manifest.js';
import { Progress } from '../../process/progress.js';
import { sizeWords } from '../../process/progress-words.js';
import { loadRecorderConfig } from '../../config/load.js';
import { SystemClock } from '../../process/system-clock.js';
import { printAnswer } from '../print/answer.js';
import type { BackupOptions } from './commands.js';
import { listed } from './listed.js';

export async function backup(archive: string, options: BackupOptions, version: string): Promise<void> {
  if (existsSync(archive))
    throw new GatewayError('bad_argument', `${archive} is there already: a backup is a new file.`);
  const { config, data, json } = options;
  // A recorder's file is one, too; what else is wrong with it is for a start to say.
  const loaded = config === undefined ? undefined : await loadRecorderConfig(config);
  const { sources, missing }: Contents =
    config === undefined || loaded === undefined
      ? { sources: [], missing: [] }
      : configContents(config, loaded);
  const ofData = dataContents(data);
  if (sources.length + ofData.length === 0)
    throw new GatewayError(
      'bad_argument',
      `There is nothing to be kept: no gateway has run with the data folder ${data} (--data), and no --config is given.`,
    );
  const progress = new Progress(stderr);
  let manifest: Manifest;
  try {
    manifest = await makeBackup(
      {
        archive,
        sources: [...sources, ...ofData],
        about: {
          program: version,
          ...(config === undefined ? {} : { config: `config/${basename(config)}` }),
          ...(loaded === undefined ? {} : { gateway: loaded.gateway }),
        },
        nowTs: new SystemClock().now(),
      },
      progress,
    );
  } finally {
    progress.end();
  }
  const leftOut = [
    ...missing.map((file) => `the configuration names ${file}, which is not there`),
    ...(ofData.length === 0 ? [`no gateway has run with the data folder ${data} (--data)`] : []),
    ...(config === undefined ? ['the configuration, as no --config is given'] : []),
  ];
  const { size: bytes } = await stat(archive);
  printAnswer(json, { archive, bytes, ...manifest, leftOut }, () => listed(manifest));
  if (json === true) return;
  for (const what of leftOut) console.error(`left out: ${what}`);
  console.log(`${archive}: ${sizeWords(bytes)}. Keep it as you keep passwords.`);
}
