// What it takes to run a broker of the table.

export interface Place {
  readonly port: number;
  /** Its own, empty before the first start; what it keeps over a restart is here. */
  readonly folder: string;
}

export interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface BrokerKind {
  /** As it is called on the command line. */
  readonly id: string;
  readonly name: string;
  /** The version that is there; undefined where the broker is not. */
  readonly version: () => string | undefined;
  /** Writes what it needs into the folder and says how it is started. */
  readonly prepare: (place: Place) => Promise<Started>;
  /** Where it says, every 10 s, how many messages it has dropped. */
  readonly droppedTopic?: string;
  /** False where a message marked as sent again (DUP) on its first arrival makes it ill. */
  readonly takesDup?: false;
  /** RabbitMQ's own name server, which would stay behind. */
  readonly beside?: (place: Place) => Started;
}
