// Certificates made at test time with openssl: an authority, servers and clients it has signed.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutOpenssl: string | false = hasOpenssl()
  ? false
  : 'OPENSSL IS NOT INSTALLED: apt-get install openssl. TLS was not tested.';

function hasOpenssl(): boolean {
  try {
    openssl(['version']);
    return true;
  } catch {
    return false;
  }
}

export class TestAuthority {
  readonly folder: string;
  readonly certificate: string;

  /** Makes its key and certificate in the folder. */
  constructor(folder: string) {
    this.folder = folder;
    this.certificate = join(folder, 'ca.pem');
    const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    openssl([
      'req',
      '-x509',
      ...request,
      '-subj',
      '/CN=authority',
      '-keyout',
      this.#at('ca.key'),
      '-out',
      this.certificate,
    ]);
  }

  /** Writes `<file>.pem` and `<file>.key` for the name, over what was there. With `days` below 0 it has expired. */
  sign(file: string, commonName: string, days = 2): { readonly certificate: string; readonly key: string } {
    const [certificate, key, csr] = [
      this.#at(`${file}.pem`),
      this.#at(`${file}.key`),
      this.#at(`${file}.csr`),
    ];
    const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl(['req', ...request, '-subj', `/CN=${commonName}`, ...names, '-keyout', key, '-out', csr]);
    const authority = ['-CA', this.certificate, '-CAkey', this.#at('ca.key'), '-CAcreateserial'];
    openssl([
      'x509',
      '-req',
      '-in',
      csr,
      ...authority,
      '-days',
      String(days),
      '-copy_extensions',
      'copy',
      '-out',
      certificate,
    ]);
    return { certificate, key };
  }

  #at(name: string): string {
    return join(this.folder, name);
  }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
