// The ports that the gateway would open: free, its own already, or somebody else's.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fail, ok, skipped, type Finding } from './finding.js';
import { holderWords, type Holder } from './processes.js';

export interface Port {
  readonly setting: string;
  readonly host: string;
  readonly port: number;
}

/** Opens it for a moment. The error's code where it cannot be, such as EADDRINUSE. */
export async function tryPort({ host, port }: Port): Promise<string | undefined> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(port, host);
    await listening;
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  } finally {
    server.close();
  }
}

export function port(
  { setting, host, port: number }: Port,
  about: {
    readonly code: string | undefined;
    readonly holders: readonly Holder[];
    readonly isOwnGatewayUp: boolean;
  },
): Finding {
  const { code, holders, isOwnGatewayUp } = about;
  const [check, place] = [`port ${setting}`, `${host}:${String(number)}`];
  if (number === 0) return skipped(check, 'any that is free');
  if (code === undefined) return ok(check, `${place} is free`);
  if (code === 'EACCES') return fail(check, `${place} is for root alone`, `choose ${setting} above 1023`);
  if (code !== 'EADDRINUSE')
    return fail(check, `${place} cannot be opened: ${code}`, 'is the host an address of this machine?');
  // Who cannot be looked into is believed to be the gateway that runs on the data folder.
  if (isOwnGatewayUp && holders.every(({ isGateway }) => isGateway))
    return ok(check, `${place} is held by the gateway that runs on this data folder`);
  const who = holders.length === 0 ? 'another program' : holderWords(holders);
  const [first] = holders;
  const end =
    first === undefined
      ? `sudo ss -ltnp 'sport = :${String(number)}' names it`
      : first.name === 'mosquitto'
        ? 'sudo systemctl disable --now mosquitto, or use it as the broker: docs/outside-broker.md'
        : `end it`;
  return fail(check, `${place} is held by ${who}`, `${end}; or choose another ${setting}`);
}
