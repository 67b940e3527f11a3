// The process of one bus: it alone has the bus open, and runs what it is handed, one after the other.
//
// A process and not a thread, for two reasons, both tried: i2c-bus is not context-aware, so that a second thread that
// loads it fails ("Module did not self-register"); and a thread inside a blocking system call outlasts terminate()
// and holds up process.exit() until the call returns, which is as long as a target pleases.
//
// It has no event loop, which would cost the wire time between two transactions: it waits in read(2) for what is next.
import { readSync, writeSync } from 'node:fs';
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

/** `bus-process.js <path of the bus> <module of the driver>` */
const [path = '', driverModule = ''] = process.argv.slice(2);
const CHUNK_BYTES = 65_536;

// systemd and Ctrl-C may signal every process of the gateway; it is the gateway that says when the bus ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Nothing: the end of the channel ends this process.
  });

const wire = await opened();
if (wire !== undefined) {
  for (const asked of handedOver()) if (!say(answer(wire, asked))) break;
  wire.close();
}

/** Undefined where it does not open, which is said. */
async function opened(): Promise<Wire | undefined> {
  try {
    const wire = new Wire(await loadDriver(driverModule), busNumberOf(path));
    wire.open();
    say('ready');
    return wire;
  } catch (thrown) {
    say({ openFailed: failureOf(thrown) });
    return undefined;
  }
}

/** Until the gateway closes the channel, or has gone. */
function* handedOver(): Generator<NumberedTransaction> {
  const frames = new FrameReader();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const length = readSync(CHANNEL, chunk);
    if (length === 0) return;
    for (const frame of frames.push(chunk.subarray(0, length))) yield transactionOf(frame);
  }
}

function answer(wire: Wire, { id, transaction }: NumberedTransaction): BusAnswer {
  try {
    return { id, bytes: wire.run(transaction) };
  } catch (thrown) {
    return { id, failure: failureOf(thrown) };
  }
}

/** False when nobody listens any more: the gateway has gone. */
function say(said: FromBusProcess): boolean {
  const frame = frameOfSaid(said);
  try {
    for (let at = 0; at < frame.length;) at += writeSync(CHANNEL, frame, at);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE') return false;
    throw thrown;
  }
}

function failureOf(thrown: unknown): WireFailure {
  const { code, message, cause, untried } = asGatewayError(thrown);
  return { code, message, untried, ...(cause instanceof Error ? { cause: cause.message } : {}) };
}
