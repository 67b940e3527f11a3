// A gateway at a wire that outlives it, and a Mosquitto that saves often: both to be killed again and again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadDriver, REAL_DRIVER } from '../../../gateway/i2c/linux/driver.js';
import { FakedI2cDev, FAKED_BUS_PATH, NO_FAKED_I2C } from '../../support/faked-i2c-dev.js';
import { runProgram, type Run } from '../../support/gateway-process.js';
import { until } from '../../support/waiting.js';
import { STORM_TYPES } from './command-storm.js';

/**
 * What Mosquitto acknowledged since it last saved is lost with it; by default also what is more than 1,000 waiting. It saves
 * once a second: at each change, with all of it each time, it comes to hand over ten messages a second.
 */
export function eager(port: number, folder: string): string {
  return `
listener ${String(port)} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
persistence true
persistence_location ${folder}/
autosave_interval 1
max_queued_messages 0
`;
}

export async function faked(t: TestContext, folder: string): Promise<FakedI2cDev | undefined> {
  try {
    await loadDriver(REAL_DRIVER);
    const dev = new FakedI2cDev(folder);
    t.after(() => {
      dev.close();
    });
    dev.takes(2);
    return dev;
  } catch (thrown) {
    t.skip(`${NO_FAKED_I2C}: ${String(thrown)}`);
    return undefined;
  }
}

export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly afterRestart: 'reject' | 'run';
  /** Of an outside broker; undefined: the embedded one. */
  readonly brokerUrl: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts it, each time on the same data and address. */
export async function starter(t: TestContext, place: Place): Promise<() => Run> {
  const { folder, port, afterRestart, brokerUrl, env } = place;
  const file = join(folder, 'storm.yaml');
  const head = `gateway: storm
mqtt: { port: ${String(port)} }
http: { port: 0 }
log: { level: error }
commands: { after_restart: ${afterRestart} }
buses: { main: { path: ${FAKED_BUS_PATH} } }
`;
  await writeFile(file, `${head}${STORM_TYPES}`);
  const outside = brokerUrl === undefined ? [] : ['--no-broker', '--mqtt', brokerUrl];
  const args = ['start', '--config', file, '--data', join(folder, 'data'), ...outside];
  return () => runProgram(t, args, env);
}

export async function started(run: Run): Promise<Run> {
  await until(
    'the gateway to run',
    () => {
      if (run.child.exitCode !== null) throw new Error(`the gateway ended: ${run.output()}`);
      return /^ +MQTT +\S+$/m.test(run.output());
    },
    60_000,
  );
  return run;
}

export async function killed({ child, output }: Run): Promise<void> {
  if (child.exitCode !== null) throw new Error(`the gateway ended by itself: ${output()}`);
  const closed = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await closed;
}
