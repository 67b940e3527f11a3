// Which devices the gateway of a data folder has told of, for a shell: without a store, and while none runs.
import { formerOf, type Former } from '../../bridge/history/also-former.js';
import { RetainedFile, type KeptPlace } from './file.js';

const META = /([^/]+)\/device\/([^/]+)\/meta$/;

/** Those of its last run. Empty where there was none; never rejects. */
export async function toldDevices(dataDir: string): Promise<readonly string[]> {
  return devicesOf(await lastPlace(dataDir)).map(([, device]) => device);
}

/** What those were called before. Never rejects. */
export async function toldFormer(dataDir: string): Promise<Former> {
  const last = await lastPlace(dataDir);
  const [[gateway] = ['']] = devicesOf(last);
  const devices = Object.entries(last?.formerIds ?? {}).map(([id, was]) => [id, { was }] as const);
  return formerOf(gateway, new Map(devices));
}

function devicesOf(place: KeptPlace | undefined): (readonly [gateway: string, device: string])[] {
  return (place?.topics ?? []).flatMap(([topic]) => {
    const [, gateway, device] = META.exec(topic) ?? [];
    return gateway === undefined || device === undefined ? [] : [[gateway, device] as const];
  });
}

async function lastPlace(dataDir: string): Promise<KeptPlace | undefined> {
  // A shell that helps with a name has nothing to say about the file.
  const { places } = await new RetainedFile(dataDir, { warn: () => undefined }).read();
  return places.toSorted((one, other) => other.usedTs - one.usedTs)[0];
}
