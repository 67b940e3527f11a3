// HTTP's `Authorization: Basic` header (RFC 7617): how the page, the API and MQTT over WebSocket say who asks.

export interface Credentials {
  readonly user: string;
  readonly password: Buffer;
}

/** Undefined where there is none, or another kind. */
export function basicCredentials(header: string | undefined): Credentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(0x3a);
  // No name means nobody, as in a CONNECT without one.
  if (colon <= 0) return undefined;
  return { user: bytes.subarray(0, colon).toString(), password: bytes.subarray(colon + 1) };
}
