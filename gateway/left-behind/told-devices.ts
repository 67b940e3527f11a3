// Which devices the gateway of a data folder has told of, for a shell: without a store, and while none runs.
import { RetainedFile } from './file.js';

const META = /\/device\/([^/]+)\/meta$/;

/** Those of its last run. Empty where there was none; never rejects. */
export async function toldDevices(dataDir: string): Promise<readonly string[]> {
  // A shell that helps with a name has nothing to say about the file.
  const { places } = await new RetainedFile(dataDir, { warn: () => undefined }).read();
  const [last] = places.toSorted((one, other) => other.usedTs - one.usedTs);
  return (last?.topics ?? []).flatMap(([topic]) => META.exec(topic)?.[1] ?? []);
}
