// The doors with TLS beside the plain ones: mqtts for MQTT, https for the page, the API and wss. The plain ones can then stay
// on this machine.
import type { Duplex } from 'node:stream';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Component, Log } from '../../shared/ports.js';
import { TcpDoor } from '../broker/doors/tcp.js';
import { HttpServer, type HttpServerOptions } from '../web/server.js';
import { Certificates } from '../tls/certificates.js';

export interface SecureDoorsOptions {
  readonly config: GatewayConfig;
  readonly configFolder: string;
  /** What the page's server has without TLS. */
  readonly web: HttpServerOptions;
  readonly onMqttConnection: (stream: Duplex) => void;
  readonly log: Log;
}

export interface SecureDoors {
  /** In the order of their start; empty without the section tls. */
  readonly components: readonly Component[];
  /** Where they are reached, known once started. */
  addresses(): { readonly mqtts?: string; readonly https?: string };
  reload(): Promise<void>;
}

export function secureDoors({
  config,
  configFolder,
  web,
  onMqttConnection,
  log,
}: SecureDoorsOptions): SecureDoors {
  const { tls } = config;
  if (tls === undefined) return { components: [], addresses: () => ({}), reload: () => Promise.resolve() };
  const certificates = new Certificates(tls, configFolder, log);
  const guarded = web.access?.isGuarded ?? false;
  const { host } = tls;
  const mqtts = new TcpDoor({
    ...{ host, port: tls.mqttPort, guarded, certificates, log, clock: web.clock },
    onConnection: onMqttConnection,
  });
  const https = new HttpServer({ ...web, host, port: tls.httpsPort, certificates });
  return {
    components: [certificates, mqtts, https],
    addresses: () => ({ mqtts: mqtts.url, https: https.url }),
    reload: async () => certificates.reload(),
  };
}
