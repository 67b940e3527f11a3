// The PEM files of the section tls, read and checked before anybody is shown them; each mistake names its file.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsConfig } from '../../shared/config/config.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { whyOf } from '../process/why.js';

/** Rejects with config_unreadable or config_invalid. The paths in `tls` are relative to `folder`. */
export async function readPemFiles(tls: TlsConfig, folder: string): Promise<SecureContextOptions> {
  const [certificate, key] = [resolve(folder, tls.certificate), resolve(folder, tls.key)];
  const cert = await textOf(certificate, 'tls.certificate');
  const pem = await textOf(key, 'tls.key');
  const x509 = parsed(certificate, 'tls.certificate', () => new X509Certificate(cert));
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem))
    throw new GatewayError(
      'config_invalid',
      `tls.key ${key} has a pass phrase, which nobody can type for a service: take it out with openssl pkey -in ${key} -out new.key.`,
    );
  const privateKey: KeyObject = parsed(key, 'tls.key', () => createPrivateKey(pem));
  // While a renewal has replaced one of the two files only, this is what is seen.
  if (!x509.checkPrivateKey(privateKey))
    throw new GatewayError(
      'config_invalid',
      `tls.key ${key} belongs to another certificate than ${certificate}.`,
    );
  const context: SecureContextOptions = { cert, key: pem };
  if (tls.clientCa !== undefined) {
    const authority = resolve(folder, tls.clientCa);
    const ca = await textOf(authority, 'tls.client_ca');
    parsed(authority, 'tls.client_ca', () => new X509Certificate(ca));
    context.ca = ca;
  }
  parsed(certificate, 'tls.certificate', () => createSecureContext(context));
  return context;
}

/** What `readPemFiles` rejected with, apart: the setting of the section tls, which it names first, and the rest. */
export function mistakeIn(thrown: unknown): { readonly setting: string; readonly message: string } {
  const { message } = asGatewayError(thrown);
  const [, setting = 'certificate', rest = message] = /^tls\.(\w+) (.*)$/s.exec(message) ?? [];
  return { setting, message: rest };
}

/** Since when the certificate is no longer valid, in words; undefined while it is. */
export function expiryOf({ cert }: SecureContextOptions): string | undefined {
  const { validTo } = new X509Certificate(String(cert));
  return Date.parse(validTo) < Date.now() ? `the certificate has expired on ${validTo}` : undefined;
}

/** Node takes an empty certificate for none: found half written, it would be shown to nobody. */
function parsed<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('config_invalid', `${what} ${path} is not what it should be: ${why}.`, { cause });
  }
}

async function textOf(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = whyOf(cause);
    throw new GatewayError('config_unreadable', `${what} ${path} cannot be read: ${why}.`, { cause });
  }
}
