// What the page cannot know from MQTT: where it is, and what who looks at it may do.

/** What the gateway is, the same for everybody. */
export interface GatewayFacts {
  readonly gateway: string;
  /** The first level of every topic, `iot` unless configured. */
  readonly base: string;
  readonly version: string;
  /** Where MQTT clients connect. */
  readonly mqttUrl: string;
  /** Whether nobody gets in without a user. */
  readonly needsUser?: boolean;
  /** Whether requests may add devices to the configuration's file. */
  readonly edit?: boolean;
  /** Absolute, when MQTT over WebSocket is not at this server's /mqtt. */
  readonly webSocketUrl?: string;
}

/** And for the one who asks: what would be refused is not offered. */
export interface PageFacts extends GatewayFacts {
  readonly user?: string;
  /** Command topics of this gateway's devices on which this user may not publish. */
  readonly refusedCommands?: readonly string[];
  /** Requests that this user may send, of those that the page has a use for. */
  readonly requests?: readonly PageRequest[];
}

/** For whoever has not said who he is: that he is to. */
export interface PageDoor {
  readonly needsUser: true;
}

export const PAGE_REQUESTS = ['logbook', 'scan', 'acknowledge', 'add_device'] as const;
export type PageRequest = (typeof PAGE_REQUESTS)[number];
