// The process of one bus: it alone has the bus open, and runs what it is handed, one after the other.
//
// A process and not a thread, for two reasons, both tried: i2c-bus is not context-aware, so that a second thread that
// loads it fails ("Module did not self-register"); and a thread inside a blocking system call outlasts terminate()
// and holds up process.exit() until the call returns, which is as long as a target pleases.
//
// The thread that drives the wire is libuv's, the only one it has here: it goes from one transaction to the next by
// itself, while this one tells the gateway. With one thread for both, the wire rests as long as telling takes; and the
// gateway, woken by it, often takes the very core on which the next transaction would have begun. What comes to a
// wire that rests runs in this thread: there is nothing to go on to, and two wake-ups are spared.
import { Socket } from 'node:net';
import { asGatewayError } from '../../../shared/errors.js';
import {
  type BusAnswer,
  CHANNEL,
  frameOfSaid,
  type FromBusProcess,
  type NumberedTransaction,
  transactionOf,
  type WireFailure,
} from './bus-protocol.js';
import { loadDriver } from './driver.js';
import { busNumberOf } from './bus-path.js';
import { FrameReader } from './frames.js';
import { Wire } from './wire.js';

/** Where the last ended so long ago, the bus is not busy. */
const QUIET_MS = 2;

/** `bus-process.js <path of the bus> <module of the driver>` */
const [path = '', driverModule = ''] = process.argv.slice(2);

// systemd and Ctrl-C may signal every process of the gateway; it is the gateway that says when the bus ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Nothing: the end of the channel ends this process.
  });

// Half open: what was handed over is still answered when the gateway has nothing more to say.
const channel = new Socket({ fd: CHANNEL, allowHalfOpen: true });
const gatewayLeaves = new Promise<void>((resolve) => {
  channel.once('end', resolve).once('close', resolve);
});
channel.on('error', () => {
  // The gateway has gone, and with it whoever wanted an answer. 'close' follows.
});

const wire = await opened();
if (wire !== undefined) {
  await serve(wire);
  await wire.close();
}
channel.end();

/** Undefined where it does not open, which is said. */
async function opened(): Promise<Wire | undefined> {
  try {
    const wire = new Wire(await loadDriver(driverModule), busNumberOf(path));
    await wire.open();
    say('ready');
    return wire;
  } catch (thrown) {
    say({ openFailed: failureOf(thrown) });
    return undefined;
  }
}

/** Until the gateway closes the channel, or has gone, and what it had handed over has ended. */
async function serve(wire: Wire): Promise<void> {
  const frames = new FrameReader();
  let last: Promise<void> = Promise.resolve();
  let running = 0;
  /** Those that begin when the one before is answered. */
  let inTurn = 0;
  let endedMs = Number.NEGATIVE_INFINITY;
  const run = async (asked: NumberedTransaction, alone: boolean): Promise<void> => {
    running += 1;
    say(await answer(wire, asked, alone));
    running -= 1;
    endedMs = performance.now();
  };
  channel.on('data', (chunk) => {
    const isQuiet = running + inTurn === 0 && performance.now() - endedMs > QUIET_MS;
    for (const frame of frames.push(chunk)) {
      const asked = transactionOf(frame);
      // In this thread the next begins when this one is answered; and nobody goes past one that waits for that.
      if (!isQuiet && inTurn === 0) last = run(asked, false);
      else {
        inTurn += 1;
        last = last.then(() => {
          inTurn -= 1;
          return run(asked, isQuiet);
        });
      }
    }
  });
  await gatewayLeaves;
  await last;
}

async function answer(
  wire: Wire,
  { id, transaction }: NumberedTransaction,
  alone: boolean,
): Promise<BusAnswer> {
  try {
    return { id, bytes: await wire.run(transaction, alone) };
  } catch (thrown) {
    return { id, failure: failureOf(thrown) };
  }
}

function say(said: FromBusProcess): void {
  channel.write(frameOfSaid(said));
}

function failureOf(thrown: unknown): WireFailure {
  const { code, message, cause, untried } = asGatewayError(thrown);
  return { code, message, untried, ...(cause instanceof Error ? { cause: cause.message } : {}) };
}
