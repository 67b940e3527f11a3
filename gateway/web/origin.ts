// Which web pages may speak to the gateway. A page from anywhere, opened in a browser on this machine, reaches loopback:
// without this it could switch the pump.
import { isIP } from 'node:net';

/** Loopback by name or address: nobody else's page can have it as its origin. */
function isLoopbackName(hostname: string): boolean {
  const bare = bareOf(hostname);
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    (isIP(bare) === 4 && bare.startsWith('127.'))
  );
}

/** URLs write IPv6 addresses in brackets. */
function bareOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/**
 * Whether a request meant this server. A name that anybody can register may have been pointed at loopback a moment
 * ago (DNS rebinding), and the browser would then call that page's origin our own; an address cannot be.
 */
export function mayBeCalled(hostHeader: string | undefined): boolean {
  const hostname = hostHeader === undefined ? undefined : hostnameOf(`http://${hostHeader}`);
  return hostname !== undefined && (isLoopbackName(hostname) || isIP(bareOf(hostname)) !== 0);
}

/** What else may be trusted than this machine's own pages. */
export interface PageOrigins {
  /** Of pages elsewhere, as in `https://panel.example`. */
  readonly allowed: readonly string[];
  /**
   * Everybody needs a user, whose browser tells the password only to the origin it was typed for: then any name may
   * lead here, as that of the machine in the local network does.
   */
  readonly anyName: boolean;
}

/** Programs send no origin; pages must be ours, come from this machine, or be allowed. */
export function mayConnect(
  origin: string | undefined,
  hostHeader: string | undefined,
  { allowed, anyName }: PageOrigins,
): boolean {
  if (!anyName && !mayBeCalled(hostHeader)) return false;
  if (origin === undefined) return true;
  const hostname = hostnameOf(origin);
  if (hostname === undefined) return false;
  const { host, origin: plain } = new URL(origin);
  return isLoopbackName(hostname) || host === hostHeader?.toLowerCase() || allowed.includes(plain);
}
