// scan, read, write and trace as requests. Who sits at this machine may write what he likes; over the network only
// where the configuration says so: raw bytes go past every limit, check and safe ending of a type.
import type { LargestMessage } from '../../bridge/messages/answer-size.js';
import type { RawAccess } from '../../bridge/requests/raw-access.js';
import { parseRead } from '../../bridge/requests/raw-payload.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import type { Traces } from '../../bridge/trace/traces.js';
import { GatewayError } from '../../shared/errors.js';

export interface RawAnswerers {
  readonly raw: RawAccess;
  readonly traces: Traces;
}

/** `mayWrite`: whether bytes of the asker's choice may go out, be it alone or before a read. */
export function rawHandlers(
  { raw, traces }: RawAnswerers,
  mayWrite: boolean,
  largestMessage?: LargestMessage,
): Map<string, RequestHandler> {
  const handlers = new Map<string, (data: unknown) => Promise<unknown>>([
    ['scan', (data) => raw.scan(data)],
    ['read', (data) => (mayWrite || parseRead(data).write.length === 0 ? raw.read(data) : refuse())],
    ['write', (data) => (mayWrite ? raw.write(data) : refuse())],
    ['trace', (data) => Promise.resolve(traces.answer(data, largestMessage))],
  ]);
  // What a handler throws at once becomes its rejection.
  return new Map([...handlers].map(([op, handle]) => [op, async (data) => handle(data)]));
}

function refuse(): Promise<never> {
  return Promise.reject(
    new GatewayError(
      'forbidden',
      'Raw writes over the network are off: set mqtt.raw_writes: true, or use the command write on the gateway’s own machine.',
    ),
  );
}
