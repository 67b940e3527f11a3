// Addresses within the page: what stands behind its `#`.

export type Address =
  | { readonly view: 'overview' | 'wall' | 'happenings' | 'buses' }
  | { readonly view: 'device'; readonly gateway?: string; readonly device: string };

const VIEWS = { '': 'overview', wall: 'wall', happenings: 'happenings', buses: 'buses' } as const;

/** What is not known is the overview. */
export function addressIn(hash: string): Address {
  const [first = '', ...rest] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  if (first === 'devices' && rest.length > 0) {
    const [gateway = '', device] = rest;
    return device === undefined ? { view: 'device', device: gateway } : { view: 'device', gateway, device };
  }
  return { view: Object.hasOwn(VIEWS, first) ? VIEWS[first as keyof typeof VIEWS] : 'overview' };
}

/** Without the gateway where it is the page's own. */
export function deviceHref(device: { readonly gateway: string; readonly id: string }, own: string): string {
  const id = encodeURIComponent(device.id);
  return device.gateway === own ? `#/devices/${id}` : `#/devices/${encodeURIComponent(device.gateway)}/${id}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // As it was typed.
    return part;
  }
}
