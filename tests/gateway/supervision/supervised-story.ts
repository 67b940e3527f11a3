// The stage of the supervisor's tests: parts that write down what happens to them and do as the test says.
import { Supervisor } from '../../../gateway/supervision/supervisor.js';
import type { Component } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

export type Act = () => Promise<void>;

export const hang: Act = () => new Promise(() => undefined);

export function throwing(message: string): Act {
  return () => Promise.reject(new Error(message));
}

export class ScriptedPart implements Component {
  readonly name: string;
  onStart: Act = () => Promise.resolve();
  onStop: (withinMs?: number) => Promise<void> = () => Promise.resolve();
  readonly #story: string[];

  constructor(name: string, story: string[]) {
    this.name = name;
    this.#story = story;
  }

  async start(): Promise<void> {
    this.#story.push(`start ${this.name}`);
    await this.onStart();
  }

  async stop(withinMs?: number): Promise<void> {
    this.#story.push(`stop ${this.name}`);
    await this.onStop(withinMs);
  }
}

/** A supervisor over store, broker and web, of which `restartable` names those that may come back. */
export function stage(...restartable: string[]) {
  const story: string[] = [];
  const clock = new FakeClock();
  const log = new RecordingLog();
  const store = new ScriptedPart('store', story);
  const broker = new ScriptedPart('broker', story);
  const web = new ScriptedPart('web', story);
  const supervised = [store, broker, web].map((component) => ({
    component,
    restartable: restartable.includes(component.name),
  }));
  return { story, clock, log, store, broker, web, supervisor: new Supervisor(supervised, clock, log) };
}
