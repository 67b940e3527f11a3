// CommonJS packages, loaded as what they are. An `import` of one has Node read through its text, and through that of all
// it hands on, for the names it exports (https://nodejs.org/api/esm.html#commonjs-namespaces): at a start of the gateway
// that cost more than running them.
import { createRequire } from 'node:module';

/** `commonJs('ws') as typeof Ws`, where `Ws` is an `import type * as Ws from 'ws'`. */
export const commonJs = createRequire(import.meta.url);
