// A gateway that systemd runs in a test machine: asked how it does, and given readings.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { debianKernel } from '../../kernel/machine/debian-kernel.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { type CleanRoot, fine, type Outcome } from '../clean-root.js';
import { firstMemory, furnish, makeDisk } from './disk.js';
import { Guest, type GuestOptions } from './guest.js';

export const NAME = 'i2c-mqtt-gateway';
const DATA = `/var/lib/${NAME}`;
/** To be acknowledged before something happens. */
const READINGS = 30;

/** Publishes readings one by one, and says of each when it was acknowledged. */
const publisher = (program: string): string => `
const mqtt = require('${program}/node_modules/mqtt');
const client = mqtt.connect('mqtt://127.0.0.1:1883');
client.once('connect', async () => {
  for (let n = Number(process.argv[2]); ; n += 1) {
    await client.publishAsync('iot/my-gateway/device/own-1/telemetry', JSON.stringify({ values: { n } }), { qos: 1 });
    console.log('<acknowledged ' + n + '>');
  }
});
`;

/** Subtests that build on each other: what stands behind one that failed is skipped. */
export function steps(t: TestContext): (name: string, work: () => Promise<void>) => Promise<void> {
  let isOver = false;
  return (name, work) =>
    t.test(name, { skip: isOver && 'A STEP BEFORE IT FAILED' }, async () => {
      try {
        await work();
      } catch (error) {
        isOver = true;
        throw error;
      }
    });
}

export class GuestService {
  readonly #options: GuestOptions;
  #guest: Guest;
  readonly #acknowledged = new Set<number>();

  private constructor(options: GuestOptions, guest: Guest) {
    this.#options = options;
    this.#guest = guest;
  }

  /** Boots a copy of `root`, in which the gateway lies in `program`. */
  static async boot(t: TestContext, root: CleanRoot, program: string): Promise<GuestService> {
    await furnish(root.folder);
    await writeFile(join(root.folder, 'root', 'publish.cjs'), publisher(program));
    const [folder, kernel] = [await temporaryFolder(t), await debianKernel()];
    const place = (name: string): string => join(folder, name);
    const options = { kernel, initrd: place('initrd'), disk: place('disk'), console: place('console') };
    await makeDisk(root.folder, options.disk);
    await writeFile(options.initrd, await firstMemory(kernel));
    try {
      const service = new GuestService(options, await Guest.boot(options));
      t.after(() => service.#guest.cutPower());
      return service;
    } catch (error) {
      process.stderr.write(await readFile(options.console, 'utf8'));
      throw error;
    }
  }

  /** In the machine, as root; what it said. Rejects where it fails. */
  async sh(command: string): Promise<string> {
    return fine(await this.#guest.sh(command));
  }

  /** The same for what may fail. */
  outcome(command: string): Promise<Outcome> {
    return this.#guest.sh(command);
  }

  async property(name: string): Promise<string> {
    return (await this.sh(`systemctl show --value -p ${name} ${NAME}`)).trim();
  }

  async isActive(): Promise<string> {
    return (await this.outcome(`systemctl is-active ${NAME}`)).output.trim();
  }

  async untilActive(): Promise<void> {
    const wait = `for n in $(seq 120); do systemctl is-active -q ${NAME} && exit 0; sleep 1; done`;
    await this.sh(`(${wait}; systemctl status ${NAME}; journalctl -u ${NAME}; exit 1)`);
  }

  journal(): Promise<string> {
    return this.sh(`journalctl -q -u ${NAME} -o cat`);
  }

  /** Goes on in the background, until it is ended by `stopPublishing` or with the machine. */
  async publish(from: number): Promise<void> {
    await this.sh(`node /root/publish.cjs ${String(from)} >/dev/ttyS1 2>&1 &`);
    const enough = (): boolean => this.#heard().filter((n) => n >= from).length >= READINGS;
    await until('acknowledgements', enough, 180_000);
  }

  async stopPublishing(): Promise<void> {
    await this.sh('kill $!; wait $! || true');
  }

  /** Of the readings that were acknowledged, those that are not in the store. */
  async lost(): Promise<number[]> {
    const ask = `runuser -u ${NAME} -- ${NAME} export own-1 --data ${DATA} | grep -o '"n":[0-9]*'`;
    const there = new Set((await this.sh(ask)).match(/\d+/g)?.map(Number));
    const said = this.#heard();
    assert.ok(said.length >= READINGS);
    return said.filter((n) => !there.has(n));
  }

  async lastOfHistory(): Promise<string> {
    return this.sh(`runuser -u ${NAME} -- ${NAME} history own-1 --data ${DATA} | tail -n 1`);
  }

  /** The power goes, and comes back. */
  async cutPower(): Promise<void> {
    await this.#guest.cutPower();
    this.#heard();
    this.#guest = await Guest.boot(this.#options);
  }

  #heard(): number[] {
    for (const [, n] of this.#guest.said.matchAll(/<acknowledged (\d+)>/g)) this.#acknowledged.add(Number(n));
    return [...this.#acknowledged];
  }
}
