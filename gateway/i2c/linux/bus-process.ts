// The process of one bus: it alone has the bus open, and runs what it is handed, one after the other.
//
// A process and not a thread, for two reasons, both tried: i2c-bus is not context-aware, so that a second thread that
// loads it fails ("Module did not self-register"); and a thread inside a blocking system call outlasts terminate()
// and holds up process.exit() until the call returns, which is as long as a target pleases.
import { asGatewayError } from '../../../shared/errors.js';
import { CLOSE, type FromBusProcess, type ToBusProcess, type WireFailure } from './bus-protocol.js';
import { loadDriver } from './driver.js';
import { busNumberOf } from './bus-path.js';
import { Wire } from './wire.js';

/** `bus-process.js <path of the bus> <module of the driver>` */
const [path = '', driverModule = ''] = process.argv.slice(2);

// systemd and Ctrl-C may signal every process of the gateway; it is the gateway that says when the bus ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Nothing: CLOSE or the end of the gateway ends this process.
  });

try {
  const wire = new Wire(await loadDriver(driverModule), busNumberOf(path));
  wire.open();
  process.on('message', (message: ToBusProcess) => {
    if (message === CLOSE) process.disconnect();
    else say(answer(wire, message));
  });
  // Also when the gateway was killed: then nothing is left that keeps this process alive.
  process.on('disconnect', () => {
    wire.close();
  });
  say('ready');
} catch (thrown) {
  say({ openFailed: failureOf(thrown) });
}

function answer(wire: Wire, { id, transaction }: Exclude<ToBusProcess, typeof CLOSE>): FromBusProcess {
  try {
    return { id, bytes: wire.run(transaction) };
  } catch (thrown) {
    return { id, failure: failureOf(thrown) };
  }
}

function say(message: FromBusProcess): void {
  // The one error is that the gateway has gone, which 'disconnect' tells as well.
  process.send?.(message, undefined, undefined, () => undefined);
}

function failureOf(thrown: unknown): WireFailure {
  const { code, message, cause, untried } = asGatewayError(thrown);
  return { code, message, untried, ...(cause instanceof Error ? { cause: cause.message } : {}) };
}
