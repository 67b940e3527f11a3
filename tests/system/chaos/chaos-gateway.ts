// The gateway under attack: one data folder and one port, started again whenever it ended, as systemd would.
import type { TestContext } from 'node:test';
import { startGateway, type ExampleConfig, type GatewayProcess } from '../../support/gateway-process.js';
import { freePort } from '../../support/mqtt/mosquitto.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export class ChaosGateway {
  kills = 0;
  /** When each of its processes was started (epoch ms), and when that had worked or failed. */
  readonly runs: { readonly from: number; readonly to: number }[] = [];
  /** Ends nobody asked for, with the last lines it printed. */
  readonly ownEnds: string[] = [];
  readonly #t: TestContext;
  readonly #env: Readonly<Record<string, string>>;
  #dataDir = '';
  #port = 0;
  #process: GatewayProcess | undefined;
  #wanted = true;
  #starting: Promise<void> | undefined;

  constructor(t: TestContext, env: Readonly<Record<string, string>>) {
    this.#t = t;
    this.#env = env;
  }

  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${String(this.#port)}`;
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  async start(): Promise<void> {
    this.#dataDir = await temporaryFolder(this.#t);
    this.#port = await freePort();
    await this.#startAnew();
  }

  /** Resolves when it is back. */
  async kill(): Promise<void> {
    await this.#starting;
    this.kills += 1;
    await this.#process?.end('SIGKILL');
    await this.#startAnew();
  }

  /** Its exit code after an orderly stop; where that is not 0, with the last lines it printed. */
  async stop(): Promise<unknown> {
    await this.#starting;
    this.#wanted = false;
    const code = await this.#process?.end('SIGTERM');
    return code === 0 ? 0 : `exit code ${String(code)}: ${this.#process?.output().slice(-2000) ?? ''}`;
  }

  #startAnew(): Promise<void> {
    this.#starting ??= this.#untilItRuns().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #untilItRuns(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const from = Date.now();
      try {
        this.#watch(await this.#startOnce());
        return;
      } catch (thrown) {
        // It may refuse to start while the disk is full; it must not for ever.
        this.ownEnds.push(String(thrown).slice(-600));
        if (attempt === 20) throw thrown;
      } finally {
        this.runs.push({ from, to: Date.now() });
      }
    }
  }

  #startOnce(): Promise<GatewayProcess> {
    const change = (config: ExampleConfig): void => {
      this.#change(config);
    };
    return startGateway(this.#t, { dataDir: this.#dataDir, env: this.#env, change });
  }

  #watch(started: GatewayProcess): void {
    this.#process = started;
    started.child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL' || !this.#wanted) return;
      this.ownEnds.push(`exit code ${String(code)}: ${started.output().slice(-600)}`);
      void this.#startAnew();
    });
  }

  /** Fast polls, and targets made from their description: the processor is for the recorder. */
  #change(config: ExampleConfig): void {
    config.mqtt = { port: this.#port };
    config['log'] = { level: 'error' };
    for (const type of Object.values(config.types)) {
      delete type.simulate;
      for (const sample of type['samples'] as { every: string }[]) sample.every = '200ms';
    }
  }
}
