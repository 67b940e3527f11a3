// pino-roll 4 ships no types. Only what log-file.ts uses of it and of the sonic-boom stream it returns.
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';

  export interface RollOptions {
    /** Without its number: `gateway.log` becomes gateway.1.log, gateway.2.log, … */
    file: string;
    /** '10m', '64k', '500b'. The file that passes it is the last to grow. */
    size: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    mkdir: boolean;
    sync: boolean;
    maxLength: number;
  }

  export interface RollStream extends EventEmitter {
    readonly destroyed: boolean;
    write(line: string): boolean;
    end(): void;
    destroy(): void;
  }

  const pinoRoll: (options: RollOptions) => Promise<RollStream>;
  export default pinoRoll;
}
