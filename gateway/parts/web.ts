// The web server, and the doors with TLS beside it: what they show and do, and for whom.
import type { Duplex } from 'node:stream';
import type { CommandBridge } from '../../bridge/commands/bridge.js';
import type { Delivery } from '../../bridge/recording/delivery.js';
import type { History } from '../../bridge/history/history.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import { defined } from '../../shared/config/defined.js';
import { GatewayError } from '../../shared/errors.js';
import type { Sender } from '../../shared/messages.js';
import type { Clock } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from '../broker/broker.js';
import type { LogbookParts } from './logbook.js';
import type { Doorkeeper } from '../broker/rights/doorkeeper.js';
import { verdict, whyUnkept, type HealthReport } from '../health/report.js';
import type { BusPart } from '../i2c/bus-part.js';
import { openApiDocument } from '../contract/openapi.js';
import { expose } from '../metrics/exposition.js';
import { metricsOf } from '../metrics/from-health.js';
import type { Logger } from '../logging/logger.js';
import type { SparingLogs } from '../logging/sparing-log.js';
import { secureDoors, type SecureDoors } from './secure-doors.js';
import { HttpAccess } from '../web/access.js';
import type { RequestBodies } from '../web/bodies.js';
import { HttpServer, type HttpServerOptions } from '../web/server.js';

export interface WebSources {
  readonly config: GatewayConfig;
  readonly configFolder: string;
  readonly version: string;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sparing: SparingLogs;
  readonly broker: Broker;
  readonly doorkeeper: Doorkeeper;
  readonly buses: ReadonlyMap<string, BusPart>;
  readonly poller: Poller;
  readonly delivery: Delivery;
  readonly commands: CommandBridge;
  readonly history: History;
  readonly logbook: LogbookParts;
  readonly handlers: ReadonlyMap<string, RequestHandler>;
  readonly health: HealthReport;
  readonly bodies: RequestBodies;
}

export function buildWeb(sources: WebSources): { readonly web: HttpServer; readonly secure: SecureDoors } {
  const { config, version, topics, clock, logger, sparing, broker, doorkeeper } = sources;
  const { buses, poller, delivery, commands, history, logbook, handlers, health } = sources;
  const options: HttpServerOptions = {
    ...config.http,
    bodies: sources.bodies,
    clock,
    log: sparing.of('web'),
    access: new HttpAccess(doorkeeper, topics),
    ...defined({ maxFrameBytes: config.limits.maxWebSocketFrameBytes }),
    health: () => {
      const faults = [...whyDown(buses.values()), ...whyUnkept(health.latest, broker)];
      return verdict(poller.health(), delivery.state, faults);
    },
    metrics: async () => expose(metricsOf(health.latest ?? (await health.numbers()), version)),
    facts: () => ({
      ...{ gateway: config.gateway, base: config.mqtt.base, version, edit: config.configuration.edit },
      ...{ mqttUrl: broker.url, needsUser: doorkeeper.isGuarded },
    }),
    commandNames: () =>
      new Map([...config.devices].map(([id, { type }]) => [id, [...type.commands.keys()]] as const)),
    api: {
      command: (device, name, payload, user) =>
        commands.execute(device, name, payload, { client: 'http', ...defined({ user }) }),
      devices: () => poller.said(),
      openApi: () => openApiDocument(version),
      history: (query) => history.answer(query),
      logbook: (query) => logbook.answer(query),
      request: (op, data, user) =>
        answerRequest(handlers, op, data, { client: 'http', ...defined({ user }) }),
    },
    onMqttSocket: (stream, request) => {
      broker.handle(stream, request);
    },
  };
  const onMqttConnection = (stream: Duplex): void => {
    broker.handle(stream);
  };
  const log = logger.log.child({ part: 'tls' });
  const secure = secureDoors({ ...sources, web: options, onMqttConnection, log });
  return { web: new HttpServer(options), secure };
}

function answerRequest(
  handlers: ReadonlyMap<string, RequestHandler>,
  op: string,
  data: Readonly<Record<string, unknown>>,
  asker: Sender,
): Promise<unknown> {
  const handler = handlers.get(op);
  if (handler !== undefined) return handler(data, asker);
  return Promise.reject(new GatewayError('unknown_request', `There is no request ${op.slice(0, 64)}.`));
}

function whyDown(buses: Iterable<BusPart>): string[] {
  return [...buses].flatMap(({ whyDown: error }) => (error === undefined ? [] : [error.message]));
}
