// `restore`: a backup put back, or only looked at.
import { existsSync } from 'node:fs';
import { stderr } from 'node:process';
import { readBackup } from '../../backup/read.js';
import { Progress } from '../../backup/progress.js';
import { restoreBackup } from '../../backup/restore.js';
import { SystemClock } from '../../process/system-clock.js';
import type { RestoreOptions } from './commands.js';
import { listed } from './listed.js';

export async function restore(archive: string, options: RestoreOptions): Promise<void> {
  const { config, data, only, check, force = false } = options;
  const progress = new Progress(stderr);
  try {
    if (check === true) {
      const manifest = await readBackup(archive, progress);
      progress.end();
      for (const line of listed(manifest)) console.log(line);
      console.log(`${archive} is sound.`);
      return;
    }
    const nowTs = new SystemClock().now();
    const done = await restoreBackup(
      { archive, dataDir: data, configFile: config, only, force, nowTs },
      progress,
    );
    progress.end();
    for (const { to } of done.targets) console.log(to);
    for (const path of done.aside) console.log(`kept: ${path}`);
    for (const { from, to } of done.targets)
      if (from !== undefined && !existsSync(from))
        console.error(`${to} was ${from}, where the configuration looks for it: put it there`);
    console.log(`Restored from ${done.manifest.made}.`);
  } finally {
    progress.end();
  }
}
