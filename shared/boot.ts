// The name of one run of a gateway: part of every sample's identity.

/** Time-sortable (base 36 of epoch ms) with a random part, so that no two runs of any two gateways share it. */
export function newBootId(now: number, randomBytes: Uint8Array): string {
  const random = [...randomBytes].map((byte) => (byte % 36).toString(36)).join('');
  return `${now.toString(36)}-${random}`;
}
