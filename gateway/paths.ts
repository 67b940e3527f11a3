// Where the package's own files lie: dist/ mirrors the source tree, and what is not compiled stays in the source tree.
import { join } from 'node:path';

export const packageRoot = join(import.meta.dirname, '..', '..');
export const exampleConfig = join(packageRoot, 'gateway', 'example', 'greenhouse.yaml');
