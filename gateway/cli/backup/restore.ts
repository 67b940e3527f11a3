// `restore`: a backup put back, or only looked at.
import { existsSync } from 'node:fs';
import { stderr } from 'node:process';
import { readBackup } from '../../backup/read.js';
import { Progress } from '../../process/progress.js';
import { restoreBackup } from '../../backup/restore.js';
import { SystemClock } from '../../process/system-clock.js';
import { printAnswer } from '../print/answer.js';
import type { RestoreOptions } from './commands.js';
import { listed } from './listed.js';

export async function restore(archive: string, options: RestoreOptions): Promise<void> {
  const { config, data, only, check, json, force = false } = options;
  const progress = new Progress(stderr);
  try {
    if (check === true) {
      const manifest = await readBackup(archive, progress);
      progress.end();
      printAnswer(json, { archive, sound: true, ...manifest }, () => [
        ...listed(manifest),
        `${archive} is sound.`,
      ]);
      return;
    }
    const nowTs = new SystemClock().now();
    const done = await restoreBackup(
      { archive, dataDir: data, configFile: config, only, force, nowTs },
      progress,
    );
    progress.end();
    const restored = done.targets.map(({ to }) => to);
    const { aside: kept, manifest } = done;
    // Outside of the configuration's folder: where the configuration looks for it, and where it lies now.
    const toMove = done.targets.flatMap(({ from, to }) =>
      from !== undefined && !existsSync(from) ? [{ from: to, to: from }] : [],
    );
    printAnswer(json, { archive, made: manifest.made, restored, kept, toMove }, () => [
      ...restored,
      ...kept.map((path) => `kept: ${path}`),
    ]);
    if (json === true) return;
    for (const { from, to } of toMove)
      console.error(`${from} was ${to}, where the configuration looks for it: put it there`);
    console.log(`Restored from ${manifest.made}.`);
  } finally {
    progress.end();
  }
}
