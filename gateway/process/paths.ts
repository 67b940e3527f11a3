// Where the package's own files lie: dist/ mirrors the source tree, and what is not compiled stays in the source tree.
import { join } from 'node:path';

export const packageRoot = join(import.meta.dirname, '..', '..', '..');
export const exampleConfig = join(packageRoot, 'gateway', 'example', 'greenhouse.yaml');
export const libraryFolder = join(packageRoot, 'gateway', 'library');

/** Where a gateway keeps everything unless told otherwise: in the folder it is started from. */
export const defaultDataFolder = './data';
