// The certificate and key that mqtts, https and wss show, and whose clients' certificates count; read again when the files
// change and when asked to (SIGHUP), so that a renewed certificate needs no restart.
import { unwatchFile, watchFile } from 'node:fs';
import { resolve } from 'node:path';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { TlsConfig } from '../../shared/config/config.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Component, Log } from '../../shared/ports.js';
import { expiryOf, readPemFiles } from './pem-files.js';

/** Polled: tools that renew certificates replace the files. */
const LOOK_EVERY_MS = 1000;
/** A handshake that takes longer holds a socket for nothing. */
const HANDSHAKE_WITHIN_MS = 10_000;

/** What a server does when there are new certificates. */
export interface SecureServer {
  setSecureContext(options: SecureContextOptions): void;
}

export class Certificates implements Component {
  readonly name = 'certificates';
  readonly #tls: TlsConfig;
  readonly #folder: string;
  readonly #log: Log;
  readonly #servers = new Set<SecureServer>();
  #context: SecureContextOptions | undefined;
  #reloading: Promise<void> = Promise.resolve();

  /** The paths in `tls` are relative to `folder`. */
  constructor(tls: TlsConfig, folder: string, log: Log) {
    this.#tls = tls;
    this.#folder = folder;
    this.#log = log;
  }

  /** Rejects with config_unreadable or config_invalid. A certificate that has expired is said, and shown: the rest works. */
  async start(): Promise<void> {
    this.#context = await readPemFiles(this.#tls, this.#folder);
    const expired = expiryOf(this.#context);
    if (expired !== undefined)
      this.#log.error({ file: this.#tls.certificate }, `${expired}: clients refuse it`);
    for (const file of this.#files()) {
      watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#onFileChange);
    }
  }

  async stop(): Promise<void> {
    for (const file of this.#files()) unwatchFile(file, this.#onFileChange);
    await this.#reloading;
  }

  /** For a server that starts; known once started. */
  options(): TlsOptions {
    if (this.#context === undefined) throw new GatewayError('closed', 'the certificates are not read yet');
    const { clientCa, certificateRequired } = this.#tls;
    return {
      ...this.#context,
      // With RFC 8996 TLS 1.0 and 1.1 are no longer to be used.
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_WITHIN_MS,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: certificateRequired,
    };
  }

  /** Gives the server the new certificates whenever there are some; returns how to stop that. */
  keepFresh(server: SecureServer): () => void {
    this.#servers.add(server);
    return () => this.#servers.delete(server);
  }

  async reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => this.#reload());
    return this.#reloading;
  }

  readonly #onFileChange = (): void => {
    void this.reload();
  };

  async #reload(): Promise<void> {
    try {
      const found = await readPemFiles(this.#tls, this.#folder);
      const expired = expiryOf(found);
      if (expired !== undefined)
        throw new GatewayError('config_invalid', `tls.certificate ${this.#tls.certificate}: ${expired}.`);
      this.#context = found;
      for (const server of this.#servers)
        server.setSecureContext({ ...this.#context, minVersion: 'TLSv1.2' });
      this.#log.info({}, 'certificates were read again');
    } catch (thrown) {
      this.#log.error({ err: asGatewayError(thrown) }, 'certificates stay as they were');
    }
  }

  #files(): string[] {
    const { certificate, key, clientCa } = this.#tls;
    return [certificate, key, clientCa]
      .filter((file) => file !== undefined)
      .map((file) => resolve(this.#folder, file));
  }
}
