// One device over its wire, and what docs/promises.md says may go over that wire: a plain model beside the real parts.
import { GatewayError } from '../../../shared/errors.js';
import { settled } from '../../support/fake-clock.js';
import { DeviceWorld } from '../../support/bus/device-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';

/** Set up by two writes; identified and read as conversations, so that much can come between. */
const TYPE = `{
    identify: { write: [0x01], delay: 200ms, read: 2, expect: [0x54, 0x02] },
    samples: [{ every: 4s, write: [0x10], delay: 300ms, read: 1, fields: { level: { type: uint8 } } }],
    commands: { pump: { args: { speed: { type: uint8 } }, write: [0x20, $speed], safe: { args: { speed: 0 } }, for: { max: 10m } } },
    on_connect: [{ write: [0x40, 0x01] }, { write: [0x41, 0x01] }],
    on_stop: [{ write: [0x50] }] }`;

const TAKES_MS = 50;
/** For what is to happen at once: what runs and waits before it. */
const AT_ONCE_MS = 1500;
/** The longest pause between two tries, and a look. */
const LONGEST_MS = 62_000;

/** What the model knows of a look. */
type Look = 'none' | 'asked' | 'identified' | 'half set up';

export class PresenceStory {
  /** What broke a promise, in words. */
  readonly broken: string[] = [];
  readonly wire = { plugged: true, another: false, refuses: false, jammed: false, lost: 0 };
  readonly #world: DeviceWorld;
  #look: Look = 'none';
  /** Something came upon the look that makes what it finds worth nothing. */
  #isLookVain = false;
  #lookBeganMs = 0;
  #isSetUp = false;
  /** From when on the model knows that it is lost: those who were told so get as long as the transaction takes. */
  #lostMs = 0;
  #pausedUntilMs: number | undefined;
  #isStopping = false;
  #isStopped = false;
  #soughtSinceMs: number | undefined;
  #jammedSinceMs = 0;
  #lookedWhileJammed = false;
  #wasThereWhenJammed = false;
  #on: { readonly sinceMs: number; readonly dueMs: number } | undefined;
  #wellSinceMs = 0;
  #polledMs = Number.NEGATIVE_INFINITY;
  readonly #forMs = new Map<number, number>();
  #speed = 0;

  constructor() {
    this.#world = new DeviceWorld(TYPE, this.#behaviour, ['pump-1'], { recovers: false });
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): Promise<void> {
    return this.#world.start();
  }

  async pass(ms: number): Promise<void> {
    await this.#world.clock.advance(ms);
    this.#review();
  }

  /** Changes the wire or the device. */
  async meet(change: Partial<PresenceStory['wire']>): Promise<void> {
    const was = this.wire.jammed;
    Object.assign(this.wire, change);
    this.#wellSinceMs = this.#nowMs();
    if (!was && this.wire.jammed) {
      this.#jammedSinceMs = this.#nowMs();
      this.#wasThereWhenJammed = this.#isSetUp;
      this.#lookedWhileJammed = false;
    } else if (was && !this.wire.jammed) await this.#busIsBack();
  }

  async #busIsBack(): Promise<void> {
    // A look that ran through it all ends by itself.
    if (this.#wasThereWhenJammed && this.#lookedWhileJammed && this.#look === 'none') this.#seek();
    this.#world.poller.busIsBack('main', this.#jammedSinceMs);
    await settled();
  }

  async reset(): Promise<void> {
    this.#isSetUp = false;
    this.#lostMs = this.#nowMs();
    this.#isLookVain = true;
    this.#world.poller.busWasReset('main');
    await settled();
  }

  async pause(forMs: number): Promise<void> {
    this.#pausedUntilMs = this.#nowMs() + forMs;
    this.#soughtSinceMs = undefined;
    this.#look = 'none';
    this.#world.clock.after(forMs, () => {
      if (this.#pausedUntilMs === this.#nowMs()) this.#pauseIsOver();
    });
    this.#world.poller.pause('pump-1', forMs);
    await settled();
  }

  async resume(): Promise<void> {
    if (this.#pausedUntilMs !== undefined) this.#pauseIsOver();
    this.#world.poller.resume('pump-1');
    await settled();
  }

  /** Nobody waits for it. */
  async command(forMs: number): Promise<void> {
    this.#speed = (this.#speed % 255) + 1;
    this.#forMs.set(this.#speed, forMs);
    void this.#world.command('pump', { speed: this.#speed }, forMs).then((code) => {
      // Whoever answers while it is away is looked for at once.
      const isLookedFor = this.#look !== 'none' || this.#lookBeganMs === this.#nowMs();
      if (code === 'done' && !this.#isSetUp && !isLookedFor) this.#seek();
    });
    await this.pass(TAKES_MS / 2);
  }

  async stop(): Promise<void> {
    const isWell = this.#isWell() && this.#nowMs() - this.#wellSinceMs > LONGEST_MS;
    this.#isStopping = true;
    this.#soughtSinceMs = undefined;
    await this.#world.stop();
    this.#isStopped = true;
    if (isWell && this.#on !== undefined) this.#break('after the stop the pump is on');
  }

  /** All is made well: then it is found, read and, paused or stopping, made safe; and behind the stop there is silence. */
  async end(): Promise<void> {
    if (!this.#isStopped) {
      await this.meet({ plugged: true, another: false, refuses: false, jammed: false, lost: 0 });
      await this.resume();
      await this.pass(2 * LONGEST_MS);
      if (this.#nowMs() - this.#polledMs > 6000) this.#break('it is there and is not read');
      if (this.#on !== undefined) this.#break('two minutes after all was well the pump is on');
      await this.command(2000);
      await this.pass(200);
      await this.pause(10_000);
      await this.pass(5000);
      await this.command(60_000);
      await this.pass(200);
      await this.stop();
    }
    await this.pass(3_600_000);
    if (this.#world.clock.waiting > 0) this.#break('a timer is left');
    if (this.#world.overlaps > 0) this.#break('two transactions at once');
  }

  readonly #behaviour: Behaviour = ({ write, readLength = 0 }) => {
    const hex = Buffer.from(write ?? []).toString('hex');
    const error = this.#errorOf(hex);
    this.#note(hex, readLength, error === undefined);
    if (error?.code === 'no_ack') this.#gone();
    if (error !== undefined) return { takesMs: TAKES_MS, error };
    if (hex.startsWith('20')) this.#take(Number.parseInt(hex.slice(2), 16));
    if (readLength === 2) return { takesMs: TAKES_MS, bytes: this.wire.another ? [0x55, 1] : [0x54, 2] };
    return { takesMs: TAKES_MS, bytes: Array.from({ length: readLength }, () => 7) };
  };

  #errorOf(hex: string): GatewayError | undefined {
    const { wire } = this;
    if (wire.jammed) return new GatewayError('bus_fault', 'jammed');
    const isLost = wire.lost > 0;
    if (isLost) {
      wire.lost -= 1;
      this.#wellSinceMs = this.#nowMs();
    }
    const isRefused = wire.refuses && hex.startsWith('41');
    return !wire.plugged || isLost || isRefused ? new GatewayError('no_ack', 'none') : undefined;
  }

  /** What began on the wire. */
  #note(hex: string, readLength: number, isOk: boolean): void {
    this.#review();
    if (this.#isStopped) this.#break(`${hex} after the stop`);
    const isOwn = readLength > 0 || ['01', '10', '40', '41'].includes(hex.slice(0, 2));
    if (isOwn && this.#isStopping) this.#break(`${hex} while it stops`);
    if (isOwn && this.#pausedUntilMs !== undefined) this.#break(`${hex}/${String(readLength)} in a pause`);
    if (hex === '01') this.#begins(isOk);
    else if (readLength === 2) this.#goesOn('asked', isOk && !this.wire.another ? 'identified' : 'none');
    else if (hex.startsWith('40')) this.#goesOn('identified', isOk ? 'half set up' : 'none');
    else if (hex.startsWith('41')) {
      this.#goesOn('half set up', 'none');
      this.#isSetUp = isOk && !this.#isLookVain;
    } else if (isOwn) {
      this.#polledMs = this.#nowMs();
      if (!this.#isSetUp && this.#nowMs() > this.#lostMs) this.#break('it is read and not set up');
    }
  }

  #begins(isOk: boolean): void {
    // A safe write does not wait for a look to end: it breaks it off.
    const mayBePressed = this.#speed > 0;
    if (this.#look !== 'none' && !this.#isLookVain && !mayBePressed)
      this.#break(`looked for while it was ${this.#look}`);
    this.#look = isOk ? 'asked' : 'none';
    this.#isLookVain = false;
    this.#lookBeganMs = this.#nowMs();
    this.#isSetUp = false;
    this.#soughtSinceMs = undefined;
    this.#lookedWhileJammed ||= this.wire.jammed;
  }

  #goesOn(from: Look, to: Look): void {
    if (this.#look !== from) this.#break(`${to} of a look that was ${this.#look}`);
    this.#look = to;
  }

  /** Not acknowledged: it may have been a reset. */
  #gone(): void {
    if (this.#isSetUp) this.#lostMs = this.#nowMs() + TAKES_MS;
    this.#isSetUp = false;
    this.#isLookVain = true;
  }

  #take(speed: number): void {
    const sinceMs = this.#nowMs() + TAKES_MS;
    this.#on = speed === 0 ? undefined : { sinceMs, dueMs: sinceMs + (this.#forMs.get(speed) ?? 0) };
  }

  #pauseIsOver(): void {
    this.#pausedUntilMs = undefined;
    this.#isSetUp = false;
    this.#lostMs = this.#nowMs();
    // What was on the wire when the pause came may still have to end: then there is one step more before the look.
    this.#seek();
  }

  #seek(): void {
    if (!this.#isStopping && this.#pausedUntilMs === undefined) this.#soughtSinceMs ??= this.#nowMs();
  }

  #isWell(): boolean {
    return this.wire.plugged && !this.wire.jammed && this.wire.lost === 0;
  }

  /** What should have happened by now. */
  #review(): void {
    const nowMs = this.#nowMs();
    if (this.#soughtSinceMs !== undefined && nowMs > this.#soughtSinceMs + AT_ONCE_MS) {
      this.#break('it is not looked for at once');
      this.#soughtSinceMs = undefined;
    }
    if (this.#on === undefined || !this.#isWell() || this.#isStopping) return;
    const { sinceMs, dueMs } = this.#on;
    const byMs = this.#wellSinceMs > sinceMs ? this.#wellSinceMs + LONGEST_MS : 0;
    if (nowMs > Math.max(byMs, dueMs) + AT_ONCE_MS) this.#break(`the pump is on beyond ${String(dueMs)}`);
  }

  #nowMs(): number {
    return this.#world.clock.monotonicMs();
  }

  #break(why: string): void {
    this.broken.push(`${String(this.#nowMs())}: ${why}`);
  }
}
