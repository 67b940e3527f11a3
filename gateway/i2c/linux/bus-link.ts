// The gateway's end of a bus process: starts it, passes messages, and tells when it has ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { GatewayError } from '../../../shared/errors.js';
import {
  type BusAnswer,
  CHANNEL,
  frameOfTransaction,
  type FromBusProcess,
  type NumberedTransaction,
  saidOf,
  type WireFailure,
} from './bus-protocol.js';
import { FrameReader } from './frames.js';
import { ONE_AT_A_TIME } from './wire.js';

export interface BusLinkEvents {
  readonly onAnswer: (answer: BusAnswer) => void;
  /** Once, when the process is gone, be it asked for or not. `error` says how it ended. */
  readonly onEnd: (error: GatewayError) => void;
}

/** Of what a crashing process said, the end is kept: that is where the reason stands. */
const MOST_COMPLAINT_CHARS = 4000;

export class BusLink {
  readonly #path: string;
  readonly #driver: string;
  readonly #events: BusLinkEvents;
  #child: ChildProcess | undefined;
  #channel: Socket | undefined;
  #exited: Promise<void> = Promise.resolve();
  #complaint = '';
  /** Ends a start that is under way. */
  #refuse: (error: GatewayError) => void = () => undefined;
  /** A gateway that exits without a close (a second Ctrl-C) leaves no process behind that hangs on its bus. */
  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(path: string, driver: string, events: BusLinkEvents) {
    this.#path = path;
    this.#driver = driver;
    this.#events = events;
  }

  /** Resolves when the bus is open. Rejects with config_invalid, bus_unavailable or bus_fault. */
  start(): Promise<void> {
    const program = fileURLToPath(new URL('./bus-process.js', import.meta.url));
    const child = spawn(process.execPath, [program, this.#path, this.#driver], {
      // A session of its own: a terminal's Ctrl-C reaches the gateway only, which then closes the bus in order.
      detached: true,
      env: { ...process.env, ...ONE_AT_A_TIME },
      // The last is the channel, a socket.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#kill);
    // 'error' where it could not be started: then there was never anything to end.
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        resolve();
      });
      child.once('error', () => {
        if (child.pid === undefined) resolve();
      });
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MOST_COMPLAINT_CHARS);
    });
    return new Promise((resolve, reject) => {
      this.#refuse = reject;
      this.#listen(child, (said) => {
        if (said === 'ready') resolve();
        else if ('openFailed' in said) reject(errorOf(said.openFailed));
        else this.#events.onAnswer(said);
      });
      child.once('error', (error) => {
        reject(this.#ended(error.message));
      });
      child.once('close', (code, signal) => {
        reject(this.#ended(signal ?? `exit code ${String(code)}`));
      });
    });
  }

  /** Settles when the process is gone, also one that was abandoned: only then is nothing of it on the wire. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /** With all others of this turn, in one write: it wakes the process once. */
  send(transaction: NumberedTransaction): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    channel.cork();
    channel.write(frameOfTransaction(transaction));
    process.nextTick(() => {
      channel.uncork();
    });
  }

  /** The process closes the bus after what it was handed, and ends. */
  close(): void {
    this.#channel?.end();
  }

  /**
   * Kills the process and forgets it. Inside a driver's uninterruptible wait even SIGKILL takes effect only when the
   * wait is over; nothing of it keeps the gateway's own process alive. `reason` is what `onEnd` is told.
   */
  abandon(reason: GatewayError): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#kill();
    this.#channel?.destroy();
    child.stderr?.destroy();
    child.unref();
    this.#refuse(reason);
    this.#tellEnd(reason);
  }

  #listen(child: ChildProcess, onSaid: (said: FromBusProcess) => void): void {
    // Absent where the process could not be started, which 'error' tells.
    const channel = child.stdio[CHANNEL];
    if (!(channel instanceof Socket)) return;
    this.#channel = channel;
    const frames = new FrameReader();
    channel.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) onSaid(saidOf(frame));
    });
    channel.on('error', () => {
      // A process that has gone is told by its 'close', with the reason; the error of a lost message knows less.
    });
  }

  #ended(how: string): GatewayError {
    const cause = this.#complaint === '' ? undefined : new Error(this.#complaint.trim());
    const error = new GatewayError('bus_fault', `The process of ${this.#path} ended: ${how}.`, { cause });
    this.#tellEnd(error);
    return error;
  }

  #tellEnd(error: GatewayError): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    process.off('exit', this.#kill);
    this.#events.onEnd(error);
  }
}

export function errorOf({ code, message, cause, untried = false }: WireFailure): GatewayError {
  return new GatewayError(code, message, {
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
    untried,
  });
}
