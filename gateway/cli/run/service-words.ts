// What can be typed behind `service`: read without loading what does it.

export const SERVICE_ACTIONS = ['print', 'install', 'remove'] as const;
export type ServiceAction = (typeof SERVICE_ACTIONS)[number];

export interface ServiceOptions {
  readonly config: string;
  readonly user: string;
  readonly dryRun?: true;
  readonly json?: boolean;
}
