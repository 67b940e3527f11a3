// The servers that are not ours: the outside broker and MongoDB, each asked once with the credentials it was given.
import { randomBytes } from 'node:crypto';
import { asGatewayError } from '../../shared/errors.js';
import { parseBrokerUrl } from '../broker/outside/link/broker-url.js';
import type { Clock, Log } from '../../shared/ports.js';
import { fail, ok, type Finding } from './finding.js';

const WAIT_MS = 4000;

const nothing = (): void => undefined;
/** What there is to say is said by the finding. */
const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => SILENT };

export async function broker(url: string): Promise<Finding> {
  const check = 'broker';
  try {
    const { address, username, password } = parseBrokerUrl(url);
    const { connectAsync } = await import('mqtt');
    const client = await connectAsync(
      address,
      {
        clientId: `doctor-${randomBytes(4).toString('hex')}`,
        connectTimeout: WAIT_MS,
        reconnectPeriod: 0,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
      },
      false,
    );
    await client.endAsync(true);
    return ok(check, `${address} lets ${username ?? 'an unnamed client'} in`);
  } catch (thrown) {
    return fail(
      check,
      messageOf(thrown),
      'check --mqtt or MQTT_URL: host, port, user and password, and that it runs',
    );
  }
}

export async function mongodb(uri: string, clock: Clock): Promise<Finding> {
  const check = 'mongodb';
  const { MongoStore } = await import('../store/mongo/store.js');
  const timeouts = { selectMs: WAIT_MS, connectMs: WAIT_MS, silenceMs: WAIT_MS };
  const store = new MongoStore({ uri, clock, log: SILENT, timeouts });
  try {
    await store.start();
    // Not a ping, which is answered to anybody: a question that takes the right to read.
    await store.query({ device: 'doctor', fromTs: 0, toTs: 1, limit: 1 });
    return ok(check, 'it answers, and lets the gateway in');
  } catch (thrown) {
    return fail(
      check,
      messageOf(thrown),
      'check MONGODB_URI: host, user, password and database, and that it runs',
    );
  } finally {
    await store.stop();
  }
}

/** Where a name has several addresses and none of them answers, Node's own sentence is empty. */
function messageOf(thrown: unknown): string {
  const { message } = asGatewayError(thrown);
  return message === '' && thrown instanceof AggregateError ? thrown.errors.map(String).join('; ') : message;
}
