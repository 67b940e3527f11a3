// A mistake in the configuration: where it is and what to do. The loader adds the line.

export type ConfigPath = readonly (string | number)[];

export interface Problem {
  readonly path: ConfigPath;
  readonly message: string;
}
