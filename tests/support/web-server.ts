// The web server in front of an embedded broker, both on free ports, for tests.
import type { TestContext } from 'node:test';
import type { BrokerLimits } from '../../gateway/broker/mqtt/limits.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import { HttpServer, type HttpServerOptions } from '../../gateway/web/server.js';
import { startBroker, type TestBroker } from './mqtt/embedded-broker.js';

export interface TestWeb extends TestBroker {
  readonly web: HttpServer;
  /** `http://127.0.0.1:…` */
  readonly page: string;
  /** `ws://127.0.0.1:…/mqtt` */
  readonly webSocketUrl: string;
}

/** Started; stopped after the test, the web server first. */
export async function startWeb(
  t: Pick<TestContext, 'after'>,
  limits: Partial<BrokerLimits> = {},
  options: Partial<HttpServerOptions> = {},
): Promise<TestWeb> {
  let stopWeb = async (): Promise<void> => Promise.resolve();
  t.after(async () => stopWeb());
  const started = await startWebFor(t, await startBroker(t, limits), options);
  stopWeb = async () => started.web.stop();
  return started;
}

/** In front of a broker that runs; stopped after the test. */
export async function startWebFor(
  t: Pick<TestContext, 'after'>,
  broker: TestBroker,
  options: Partial<HttpServerOptions> = {},
): Promise<TestWeb> {
  const web = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    health: () => ({ ok: true, reasons: [] }),
    facts: () => ({ gateway: 'greenhouse', base: 'iot', version: '0.0.0', mqttUrl: broker.url }),
    onMqttSocket: (stream, request) => {
      broker.broker.handle(stream, request);
    },
    log: broker.log,
    clock: new SystemClock(),
    ...options,
  });
  await web.start();
  t.after(async () => web.stop());
  const at = `127.0.0.1:${String(web.port)}`;
  return { ...broker, web, page: `http://${at}`, webSocketUrl: `ws://${at}/mqtt` };
}
