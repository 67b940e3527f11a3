// Why a client of MQTT 5 is refused or its connection ended: the codes of CONNACK, acknowledgements and DISCONNECT.

/** MQTT 5.0, table 2-6. */
export const REASON = {
  malformed: 0x81,
  protocolError: 0x82,
  implementation: 0x83,
  protocolVersion: 0x84,
  notAuthorized: 0x87,
  shuttingDown: 0x8b,
  keepAlive: 0x8d,
  topicFilter: 0x8f,
  topicName: 0x90,
  receiveMaximum: 0x93,
  packetTooLarge: 0x95,
  quota: 0x97,
} as const;

export type Reason = keyof typeof REASON;

/** What a client sent that MQTT does not allow: the end of its connection. The message is the rule. */
export class BrokenRule extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, rule: string) {
    super(rule);
    this.reason = reason;
  }
}
