// Who is logged in: for as long as the browser's tab is open, and no longer.

export interface Login {
  readonly user: string;
  readonly password: string;
}

const KEY = 'i2c-mqtt-gateway.login';

export function keptLogin(storage: Pick<Storage, 'getItem'>): Login | undefined {
  try {
    const value = JSON.parse(storage.getItem(KEY) ?? 'null') as Partial<Login> | null;
    const { user, password } = value ?? {};
    return typeof user === 'string' && typeof password === 'string' ? { user, password } : undefined;
  } catch {
    // Nothing that can be read was kept.
    return undefined;
  }
}

export function keepLogin(storage: Pick<Storage, 'setItem' | 'removeItem'>, login: Login | undefined): void {
  try {
    if (login === undefined) storage.removeItem(KEY);
    else storage.setItem(KEY, JSON.stringify(login));
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

/** A name and a password that stand in the page's own address, as `http://anna:secret@…`. */
export function loginInAddress(address: string): Login | undefined {
  const { username, password } = new URL(address);
  if (username === '') return undefined;
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** HTTP's Basic, in UTF-8. */
export function authorizationOf({ user, password }: Login): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
