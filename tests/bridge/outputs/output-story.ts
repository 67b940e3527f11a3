// The outputs of one board, and what docs/safe-outputs.md promises of them: a plain model beside the real parts. Of what is on
// it knows from when on it may be made safe and by when it must be, and what has to be on disk meanwhile.
import { settled } from '../../support/fake-clock.js';
import { DeviceWorld } from '../../support/bus/device-world.js';
import {
  afterCrash,
  AT_ONCE_MS,
  IN_FLIGHT_MS,
  LONGEST_MS,
  NEVER,
  sooner,
  switchedOn,
  STOP_MS,
  Unanswered,
  type Lit,
} from './output-bounds.js';
import { FINE, LEFT, OutputBoard, REGISTERS, TYPE, type Meeting, type Weather } from './output-board.js';
import { Troubles } from './output-troubles.js';

const DEVICE = 'pump-1';

export class OutputStory {
  /** What broke a promise, in words. */
  readonly broken: string[] = [];
  readonly #board = new OutputBoard();
  readonly #world = new DeviceWorld(TYPE, this.#board.behaviour);
  readonly #troubles = new Troubles(this.#board, this.#world.clock);
  readonly #lit = new Map<number, Lit>();
  /** How long what was sent is to last, by register and value. */
  readonly #forMs = new Map<string, number>([['112 7', 3000]]);
  readonly #sent = new Unanswered();
  readonly #believedMs = new Map<number, number>();
  /** When something was last tried at each. */
  readonly #triedMs = new Map<number, number>();
  #value = 7;
  #life = 0;
  /** When this process began. */
  #begunMs = 0;
  #isStopping = false;
  #isStopped = false;
  /** The timers of a killed process ring on, and nobody hears them. */
  #wasKilled = false;

  constructor() {
    this.#board.onBegin = (hex, meeting) => {
      if (this.#isStopped) this.#break(`${hex} after the stop`);
      this.#troubles.met();
      if (meeting !== undefined) this.#meetWrite(meeting);
      this.#review();
    };
  }

  start(): Promise<void> {
    return this.#world.start();
  }

  async pass(ms: number): Promise<void> {
    await this.#world.clock.advance(ms);
    this.#review();
  }

  // ── what somebody does ────────────────────────────────────────────────────────────────────────────────

  /** Nobody waits for it. Without `forMs` it lasts as its description says. */
  async switchOn(register: number, forMs?: number): Promise<void> {
    this.#value = (this.#value % 250) + 1;
    if (this.#value === 7) this.#value += 1;
    const lasts = forMs ?? (register === 0x30 ? 5000 : Infinity);
    this.#forMs.set(`${String(register)} ${String(this.#value)}`, lasts);
    await this.#send(REGISTERS.get(register) ?? '', register, this.#value, lasts, forMs);
  }

  switchOff(name: string, register: number): Promise<void> {
    return this.#send(name, register, 0, Infinity);
  }

  /** Writes to the pump, and promises no end. */
  async boost(): Promise<void> {
    void this.#world.command('boost');
    await settled();
  }

  async meet(change: Partial<Weather>): Promise<void> {
    this.#troubles.meet(change);
    await settled();
  }

  async hang(begins: boolean): Promise<void> {
    this.#troubles.hang(begins);
    await settled();
  }

  async pause(forMs: number): Promise<void> {
    this.#world.poller.pause(DEVICE, forMs);
    await settled();
  }

  async resume(): Promise<void> {
    this.#world.poller.resume(DEVICE);
    await settled();
  }

  async setClock(byMs: number): Promise<void> {
    this.#troubles.setClock(byMs);
    await settled();
  }

  async kill(): Promise<void> {
    this.#checkMarks();
    this.#wasKilled = true;
    await this.#begin(() => false);
  }

  /** An orderly stop, and a start. */
  async restart(): Promise<void> {
    await this.#stop();
    this.#isStopped = false;
    await this.#begin((register) => this.#mark(register)?.['stopped'] === true);
  }

  async becomeWell(): Promise<void> {
    await this.hang(false);
    await this.meet(FINE);
    await this.resume();
  }

  /** All is made well: then what has a time ends, and what is held is what is on. */
  async end(): Promise<void> {
    await this.becomeWell();
    await this.pass(4 * LONGEST_MS);
    const held = this.#world.outputs.health().held.map(({ command }) => `${DEVICE}/${command}`);
    for (const [register, lit] of this.#lit)
      if (!held.includes(keyOf(register))) this.#break(`${this.#what(register, lit)} is not held`);
    for (const [register, name] of REGISTERS)
      if (held.includes(keyOf(register)) && !this.#lit.has(register) && !this.#believedMs.has(register))
        this.#break(`${name} is safe, and held`);
    const marks = [...this.#world.marks.keys()];
    if (marks.toSorted().join() !== held.toSorted().join())
      this.#break(`held ${held.join()}, marked ${marks.join()}`);
    if (this.#world.overlaps > 0) this.#break('two transactions at once');
    await this.#stop();
    await this.pass(3_600_000);
    if (!this.#wasKilled && this.#world.clock.waiting > 0) this.#break('a timer is left');
  }

  // ── what becomes of it ────────────────────────────────────────────────────────────────────────────────

  async #send(name: string, register: number, value: number, forMs: number, asked?: number): Promise<void> {
    const answered = this.#sent.add({ register, value, forMs, atMs: this.#nowMs() });
    const life = this.#life;
    const args = name === 'halt' || name === 'dark' ? {} : { to: value };
    void this.#world.command(name, args, asked).then((code) => {
      if (life !== this.#life) return;
      answered();
      // Whether it acted was not known to who sent it, whatever the wire has seen.
      if (value === 0 && code !== 'done') this.#believedMs.set(register, 0);
      const lit = this.#lit.get(register);
      if (lit?.value !== value) return;
      // Who was not read back puts off no end.
      if (code === 'verify_failed') this.#lit.set(register, { ...lit, ...sooner(lit, lit.before) });
      if (code !== 'done') return;
      this.#lit.set(register, { ...lit, before: NEVER });
      this.#believedMs.set(register, lit.mayMs);
    });
    await settled();
  }

  async #stop(): Promise<void> {
    const isWell = this.#board.isWell && this.#nowMs() - this.#troubles.changedMs > LONGEST_MS;
    const { stopWrites } = this.#board;
    const warned = this.#warnings();
    this.#isStopping = true;
    for (const [register, lit] of this.#lit) {
      const endMs = Math.min(lit.mayMs, lit.before.mayMs, this.#sent.soonestMs(register));
      if (endMs < Infinity) this.#lit.set(register, { ...lit, mayMs: this.#nowMs() });
    }
    const tookMs = await this.#world.stop();
    this.#isStopped = true;
    if (tookMs > STOP_MS) this.#break(`the stop took ${String(tookMs)} ms`);
    if (isWell && this.#board.stopWrites === stopWrites) this.#break('on_stop was not written');
    this.#checkMarks();
    for (const [register, lit] of this.#lit) this.#checkLeft(register, lit, isWell, warned);
    this.#isStopping = false;
  }

  #checkLeft(register: number, lit: Lit, isWell: boolean, warned: number): void {
    const name = REGISTERS.get(register) ?? '';
    const isMeant = this.#mark(register)?.['stopped'] === true;
    const isCertain =
      this.#sent.soonestMs(register) === Infinity && this.#nowMs() - lit.sinceMs > IN_FLIGHT_MS;
    if (lit.mustMs < Infinity && isMeant)
      this.#break(`${name} has an end and was left on as if it were meant`);
    if (isWell && lit.mayMs === Infinity && isCertain && !isMeant)
      this.#break(`${name} stays on, and no mark says so`);
    if (lit.mustMs === Infinity || !isCertain) return;
    if (isWell) this.#break(`after the stop ${name} is on`);
    if (this.#warnings() === warned) this.#break(`nobody says that ${name} is left on by the stop`);
  }

  /** The next process: what the last one did not leave on purpose is named. */
  async #begin(isMeant: (register: number) => boolean): Promise<void> {
    const unmeant = [...this.#lit].filter(([register]) => !isMeant(register));
    for (const [register, lit] of unmeant) this.#crashed(register, lit);
    for (const register of REGISTERS.keys())
      if (this.#world.marks.has(keyOf(register))) this.#believedMs.set(register, 0);
    this.#life += 1;
    this.#sent.clear();
    this.#begunMs = this.#nowMs();
    await this.#world.crash();
    const named = this.#world.outputs.health().leftOn.map(({ command }) => command);
    for (const [register, lit] of unmeant)
      if (!named.includes(REGISTERS.get(register) ?? ''))
        this.#break(`${this.#what(register, lit)} is not named`);
    this.#review();
  }

  /** What the next process may do with it, and must. */
  #crashed(register: number, lit: Lit): void {
    const [sentMs, { forwardMs, backMs }] = [this.#sent.soonestMs(register), this.#troubles];
    const crash = { nowMs: this.#nowMs(), isLeft: LEFT.has(register), sentMs, forwardMs, backMs };
    this.#lit.set(register, afterCrash(lit, crash));
  }

  /** A write to an output begins. */
  #meetWrite({ register, value, acts, isHeard, takesMs }: Meeting): void {
    const nowMs = this.#nowMs();
    this.#triedMs.set(register, nowMs);
    const lit = this.#lit.get(register);
    if (value === 0) this.#meetSafe(register, lit, acts, isHeard);
    if (value === 0 || value === 0xff) return;
    const forMs = this.#forMs.get(`${String(register)} ${String(value)}`) ?? Infinity;
    const believedMs = this.#believedMs.get(register) ?? Infinity;
    const write = { nowMs, forMs, value, acts, isHeard, takesMs, isReadBack: register === 0x30 };
    const after = switchedOn({ lit, believedMs }, write);
    this.#believedMs.set(register, after.believedMs);
    if (after.lit === undefined) return;
    const mayMs = this.#isStopping && acts ? nowMs : after.lit.mayMs;
    this.#lit.set(register, { ...after.lit, mayMs });
  }

  #meetSafe(register: number, lit: Lit | undefined, acts: boolean, isHeard: boolean): void {
    // The heater ends with each set-up, too.
    if (lit !== undefined && register !== 0x60 && !this.#sent.makesSafe(register)) {
      // While it is read back, what was before may still count.
      const from = Math.min(lit.mayMs, lit.before.mayMs);
      if (this.#nowMs() < from)
        this.#break(`${this.#what(register, lit)} is made safe before ${String(from)}`);
    }
    if (acts) this.#lit.delete(register);
    // The valve is safe when that was read back, too.
    if (isHeard && register !== 0x30) this.#believedMs.delete(register);
  }

  /** What should have happened by now. */
  #review(): void {
    if (this.#isStopped) return;
    this.#checkMarks();
    const nowMs = this.#nowMs();
    for (const [register, lit] of this.#lit) {
      if (this.#isStopping || nowMs <= lit.mustMs + AT_ONCE_MS) continue;
      const { changedMs } = this.#troubles;
      const byMs = changedMs + (changedMs > lit.sinceMs ? LONGEST_MS : 0);
      if (this.#board.isWell && nowMs > byMs + AT_ONCE_MS) this.#break(`${this.#what(register, lit)} is on`);
      const triedMs = Math.max(this.#triedMs.get(register) ?? 0, changedMs, this.#begunMs, lit.mustMs);
      if (nowMs > triedMs + LONGEST_MS && !this.#board.hangs && !this.#board.weather.jammed)
        this.#break(`nobody tries to make ${this.#what(register, lit)} safe`);
    }
  }

  /** Whatever is on, a crash now would be told by the disk. */
  #checkMarks(): void {
    for (const [register, lit] of this.#lit)
      if (this.#mark(register) === undefined) this.#break(`${this.#what(register, lit)} is not on disk`);
  }

  #mark(register: number): Readonly<Record<string, unknown>> | undefined {
    const text = this.#world.marks.get(keyOf(register));
    return text === undefined ? undefined : (JSON.parse(text) as Readonly<Record<string, unknown>>);
  }

  #warnings(): number {
    return this.#world.log.saying('is not made safe before the stop').length;
  }

  #what(register: number, { value, sinceMs, mustMs }: Lit): string {
    return `${REGISTERS.get(register) ?? ''} ${String(value)} since ${String(sinceMs)} until ${String(mustMs)}`;
  }

  #nowMs(): number {
    return this.#world.clock.monotonicMs();
  }

  #break(why: string): void {
    this.broken.push(`${String(this.#nowMs())}: ${why}`);
  }
}

function keyOf(register: number): string {
  return `${DEVICE}/${REGISTERS.get(register) ?? ''}`;
}
