// An operator of two boards who switches, pauses, pulls plugs, jams and hangs the bus, sets clocks, stops and kills, in
// simulated time. The boards themselves tell what is on: what has a time ends in time while the wire is well, and after the worst of nights at the latest.
import { settled } from '../support/fake-clock.js';
import { DeviceWorld } from '../support/bus/device-world.js';
import type { Random } from '../support/random.js';
import { PUMP, TYPE, VALVE, type PumpBoard, type Trouble } from './pump-board.js';
import { PumpWire, type WireTrouble } from './pump-wire.js';

const NAMES = ['pump-1', 'pump-2'];
const FIRST_ADDRESS = 8;
const WIRE_TROUBLES: readonly WireTrouble[] = ['jammed', 'hangs'];
const TROUBLES: readonly Trouble[] = ['away', 'unheard', 'another', 'slow'];
const STEPS = 40;
const VALVE_MS = 5000;
/** A poll or a reading back that must end first, and the write: docs/safe-outputs.md. */
const LATE_MS = 1500;
/** What a stop may take: the supervisor gives a part no more. */
const STOP_MS = 2000;
const ANSWER_MS = 60_000;
const NIGHT_MS = 600_000;
/** Whatever stood in the way has been got over by then: the longest pause between two tries is a minute. */
const WELL_AFTER_MS = 70_000;
const HOUR_MS = 3_600_000;

/** One board, and when something last stood in the way of a safe write there. */
interface Target {
  readonly name: string;
  readonly board: PumpBoard;
  unwellMs: number;
}

type Arguments = Readonly<Record<string, number>>;

export interface Story {
  /** What broke a promise, in words; with the steps before it. */
  readonly broken: readonly string[];
  readonly commands: number;
}

export async function tell(chance: Random): Promise<Story> {
  const story = new OperatorStory(chance);
  await story.run();
  return { broken: story.broken, commands: story.commands };
}

class OperatorStory {
  readonly broken: string[] = [];
  commands = 0;
  readonly #chance: Random;
  readonly #world: DeviceWorld;
  readonly #wire: PumpWire;
  readonly #targets: readonly Target[];
  readonly #steps: string[] = [];
  #speed = 0;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(chance: Random) {
    this.#chance = chance;
    this.#wire = new PumpWire(NAMES.length, FIRST_ADDRESS, () => this.#nowMs());
    this.#world = new DeviceWorld(TYPE, this.#wire.behaviour, NAMES);
    this.#world.onBus = (step) => {
      this.#note(step);
    };
    this.#targets = this.#wire.boards.map((board, index) => ({
      name: NAMES[index] ?? '',
      board,
      unwellMs: Number.NEGATIVE_INFINITY,
    }));
  }

  async run(): Promise<void> {
    await this.#world.start();
    for (let step = 0; step < STEPS && this.broken.length === 0; step += 1) await this.#step();
    await this.#meetOnTheWire(undefined);
    for (const target of this.#targets) await this.#meet(target, undefined);
    await this.#pass(NIGHT_MS);
    if (this.#isAnythingOn()) this.#break(`ten minutes after all was well ${this.#what()} is on`);
    if (this.#world.outputs.health().held.length > 0) this.#break('an output is held that is safe');
    const { overlaps } = this.#world;
    if (overlaps > 0) this.#break(`${String(overlaps)} transactions overlapped`);
    await this.#world.stop();
  }

  async #step(): Promise<void> {
    const number = (below: number): number => this.#chance.int(below);
    const target = this.#chance.of(this.#targets);
    switch (number(15)) {
      case 0:
      case 1:
      case 2:
        return this.#command(target, 'pump', PUMP, 1000 + number(20_000), { speed: this.#newSpeed() });
      case 3:
        return this.#command(target, 'valve', VALVE, VALVE_MS);
      case 4:
        return this.#command(target, 'pump', PUMP, 1000, { speed: 0 });
      case 5:
        return this.#meet(target, this.#chance.of(TROUBLES));
      case 6:
      case 7:
        return this.#meet(target, undefined);
      case 8:
        return this.#pause(target, number(2) === 0);
      case 9:
        return this.#jump((number(2) === 0 ? 1 : -1) * (1 + number(24)) * HOUR_MS);
      case 10:
        return number(3) > 0 ? this.#pass(number(5000)) : number(2) === 0 ? this.#crash() : this.#restart();
      case 11:
        // Several at once, and nobody waits for them.
        for (let count = 1 + number(4); count > 0; count -= 1)
          this.#send(target, 'pump', PUMP, 1000 + number(20_000), { speed: this.#newSpeed() });
        return this.#pass(number(4000));
      case 12:
        return this.#meetOnTheWire(number(2) === 0 ? this.#chance.of(WIRE_TROUBLES) : undefined);
      default:
        return this.#pass(number(20_000));
    }
  }

  async #command(
    target: Target,
    name: string,
    register: number,
    forMs: number,
    args: Arguments = {},
  ): Promise<void> {
    const answered = this.#send(target, name, register, forMs, args);
    const mayTakeMs = this.#nowMs() + ANSWER_MS;
    while (!answered() && this.#nowMs() < mayTakeMs) await this.#world.clock.advance(50);
  }

  /** Nobody waits for it. Whether it is answered; unanswered after a minute a promise is broken. */
  #send(target: Target, name: string, register: number, forMs: number, args: Arguments = {}): () => boolean {
    this.commands += 1;
    const sentMs = this.#nowMs();
    const what = `${target.name} ${name} ${JSON.stringify(args)}`;
    this.#note(`${what} for ${String(forMs)} ms`);
    let outcome: string | undefined;
    void this.#world.command(name, args, forMs, target.name).then((code) => {
      outcome = code;
      this.#note(`${what}: ${code}`);
      const { sinceMs = -1, value } = target.board.on.get(register) ?? {};
      const isIts = sinceMs >= sentMs && value === (args['speed'] ?? 1) && this.#endedMs < sentMs;
      if (isIts) this.#expectEnd(target, name, register, sinceMs + forMs);
    });
    this.#world.clock.after(ANSWER_MS, () => {
      // Who was killed answers nobody.
      if (outcome === undefined && this.#endedMs < sentMs)
        this.#break(`${what} was not answered within a minute`);
    });
    return () => outcome !== undefined;
  }

  /** Unless something newer has come, or something was wrong since it was switched on. */
  #expectEnd(target: Target, name: string, register: number, dueMs: number): void {
    const { board, unwellMs } = target;
    const { sinceMs, value } = board.on.get(register) ?? {};
    this.#world.clock.after(Math.max(0, dueMs + LATE_MS - this.#nowMs()), () => {
      const isOn = board.on.get(register)?.sinceMs === sinceMs;
      if (!isOn || target.unwellMs !== unwellMs || !this.#isWell(target) || sinceMs === undefined) return;
      if (sinceMs > unwellMs)
        this.#break(
          `${target.name} ${name}, ${String(value)} since ${String(sinceMs)}, is on beyond ${String(dueMs)}`,
        );
    });
  }

  #isWell({ board }: Target): boolean {
    const isSlow = this.#targets.some((each) => each.board.trouble === 'slow');
    return this.#wire.trouble === undefined && board.trouble === undefined && !isSlow;
  }

  /** Who takes long takes it from all others. */
  #meet(target: Target, trouble: Trouble | undefined): Promise<void> {
    const { board, name } = target;
    this.#note(`${name} ${trouble ?? 'well'}`);
    const isForAll = [board.trouble, trouble].includes('slow');
    if (board.trouble !== undefined || trouble !== undefined)
      for (const each of isForAll ? this.#targets : [target]) each.unwellMs = this.#nowMs();
    board.trouble = trouble;
    return this.#pass(this.#chance.int(3000));
  }

  #meetOnTheWire(trouble: WireTrouble | undefined): Promise<void> {
    this.#note(`the wire ${trouble ?? 'well'}`);
    if (this.#wire.trouble !== undefined || trouble !== undefined) this.#allUnwell();
    this.#wire.trouble = trouble;
    return this.#pass(this.#chance.int(20_000));
  }

  #allUnwell(): void {
    for (const target of this.#targets) target.unwellMs = this.#nowMs();
  }

  async #pause({ name }: Target, begins: boolean): Promise<void> {
    this.#note(`${name} ${begins ? 'pause' : 'resume'}`);
    if (begins) this.#world.poller.pause(name, 1000 + this.#chance.int(60_000));
    else this.#world.poller.resume(name);
    await settled();
  }

  #jump(ms: number): Promise<void> {
    this.#note(`the clock is set by ${String(ms)} ms`);
    this.#world.clock.jumpWallClock(ms);
    return this.#pass(this.#chance.int(2000));
  }

  async #crash(): Promise<void> {
    this.#note('kill -9');
    this.#allUnwell();
    this.#endedMs = this.#nowMs();
    await this.#world.crash();
  }

  async #restart(): Promise<void> {
    this.#note('an orderly stop, and a start');
    const before = this.#targets.map(({ board }) => board.stopWrites);
    const wasWell = this.#targets.map(
      (target) => this.#isWell(target) && this.#nowMs() - target.unwellMs > WELL_AFTER_MS,
    );
    // One lost acknowledgement is no reason to leave anything on.
    this.#chance.of(this.#targets).board.lost = this.#chance.int(2);
    const tookMs = await this.#world.stop();
    if (tookMs > STOP_MS) this.#break(`the stop took ${String(tookMs)} ms`);
    for (const [index, { name, board }] of this.#targets.entries()) {
      board.lost = 0;
      if (wasWell[index] !== true) continue;
      if (board.on.size > 0) this.#break(`after a stop ${this.#what()} is on`);
      if (board.stopWrites === before[index]) this.#break(`on_stop of ${name} was not written`);
    }
    this.#allUnwell();
    this.#endedMs = this.#nowMs();
    await this.#world.crash();
  }

  /** So that the boards tell whose it is. */
  #newSpeed(): number {
    this.#speed = (this.#speed % 255) + 1;
    return this.#speed;
  }

  #pass(ms: number): Promise<void> {
    return this.#world.clock.advance(ms);
  }

  #nowMs(): number {
    return this.#world.clock.monotonicMs();
  }

  #isAnythingOn(): boolean {
    return this.#wire.boards.some(({ on }) => on.size > 0);
  }

  #what(): string {
    return this.#targets
      .flatMap(({ name, board }) =>
        [...board.on].map(([register, { value }]) => `${name} ${register.toString(16)}=${String(value)}`),
      )
      .join();
  }

  #note(step: string): void {
    this.#steps.push(`${String(this.#nowMs())} ${step}`);
  }

  #break(why: string): void {
    this.broken.push(`${String(this.#nowMs())} ${why}; after: ${this.#steps.slice(-14).join(' | ')}`);
  }
}
