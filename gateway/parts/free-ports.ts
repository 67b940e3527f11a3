// Looks whether the ports are free before anything else is started: the doors open last, and whoever forgot another
// gateway should not read half a start before its one sentence. The doors still say it where a port is taken meanwhile.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Component } from '../../shared/ports.js';
import { listen, type Endpoint } from '../broker/doors/listen.js';

export interface FreePortsOptions {
  readonly config: Pick<GatewayConfig, 'http' | 'mqtt'>;
  /** With it there is no MQTT listener. */
  readonly outsideBrokerUrl?: string | undefined;
}

export class FreePorts implements Component {
  readonly name = 'ports';
  readonly #options: FreePortsOptions;

  constructor(options: FreePortsOptions) {
    this.#options = options;
  }

  /** Rejects with address_in_use or listen_failed. */
  async start(): Promise<void> {
    const { config, outsideBrokerUrl } = this.#options;
    if (outsideBrokerUrl === undefined) await mustBeFree(config.mqtt, 'MQTT');
    await mustBeFree(config.http, 'The web server');
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

async function mustBeFree({ host, port }: Endpoint, what: string): Promise<void> {
  const server = createServer();
  // Who may come in is for the doors to say: nobody is let in here.
  await listen(server, { host, port, guarded: true }, what);
  const closed = once(server, 'close');
  server.close();
  await closed;
}
