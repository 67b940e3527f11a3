// What is asked over HTTP: what the gateway is, the history and the logbook, a look at a bus.
import type { HistoryAnswer, PointsAnswer } from '../../../../bridge/history/history.js';
import type { LogbookAnswer } from '../../../../bridge/logbook/request.js';
import type { ScanReport } from '../../../../bridge/requests/scan-bus.js';
import type { ErrorBody } from '../../../../shared/errors.js';
import type { DeviceAddition } from '../../../edit/add-device.js';
import type { Kinds } from '../../../edit/kinds.js';
import type { PageDoor, PageFacts } from '../../facts.js';
import { authorizationOf, type Login } from './login.js';

/** What the gateway answered in place of what was asked. */
export class AskError extends Error {
  readonly code: string;
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, { code, message }: { readonly code: string; readonly message: string }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Parameters = Readonly<Record<string, string | number>>;

export class Api {
  readonly #origin: string;
  readonly #login: Login | undefined;

  /** `origin` is absolute: with a password in the page's own address a browser refuses a relative one. */
  constructor(origin: string, login: Login | undefined) {
    this.#origin = origin;
    this.#login = login;
  }

  async facts(): Promise<PageFacts | PageDoor> {
    return (await (await this.#fetch('/page/facts.json')).json()) as PageFacts | PageDoor;
  }

  /** Samples as they were, the newest of the range where there are more than `limit`. */
  async samples(query: Parameters, signal: AbortSignal): Promise<HistoryAnswer> {
    return (await (await this.#get('/api/history', query, signal)).json()) as HistoryAnswer;
  }

  async points(query: Parameters, signal: AbortSignal): Promise<PointsAnswer> {
    return (await (await this.#get('/api/history', query, signal)).json()) as PointsAnswer;
  }

  async logbook(query: Parameters, signal: AbortSignal): Promise<LogbookAnswer> {
    return (await (await this.#get('/api/logbook', query, signal)).json()) as LogbookAnswer;
  }

  async scan(bus: string): Promise<ScanReport> {
    return (await this.#request('scan', { bus })) as ScanReport;
  }

  async deviceKinds(address: string): Promise<Kinds> {
    return (await this.#request('device_kinds', { address })) as Kinds;
  }

  /** As `request/add_device`. */
  async addDevice(order: Readonly<Record<string, unknown>>): Promise<DeviceAddition> {
    return (await this.#request('add_device', order)) as DeviceAddition;
  }

  async #request(op: string, asked: object): Promise<unknown> {
    const init = { method: 'POST', body: JSON.stringify(asked) };
    const response = await this.#fetch(`/api/request/${op}`, init);
    return ((await response.json()) as { readonly data: unknown }).data;
  }

  /** `by`: who it is, where nobody has logged in. */
  async acknowledge(data: {
    readonly device: string;
    readonly alarm: string;
    readonly by?: string;
  }): Promise<void> {
    await this.#fetch('/api/request/acknowledge', { method: 'POST', body: JSON.stringify(data) });
  }

  #get(path: string, query: Parameters, signal?: AbortSignal): Promise<Response> {
    const texts = Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]);
    const parameters = new URLSearchParams(texts).toString();
    return this.#fetch(`${path}?${parameters}`, signal === undefined ? {} : { signal });
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const login = this.#login;
    // With a name of its own the page must not have the browser ask for one, as it does where credentials may be kept.
    const own: RequestInit =
      login === undefined
        ? { credentials: 'same-origin' }
        : { credentials: 'omit', headers: { Authorization: authorizationOf(login) } };
    const response = await fetch(new URL(path, this.#origin), { ...own, ...init });
    if (response.ok) return response;
    throw new AskError(response.status, await errorOf(response));
  }
}

async function errorOf(response: Response): Promise<{ readonly code: string; readonly message: string }> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { readonly error: ErrorBody }).error;
  } catch {
    // A sentence for people.
    return { code: String(response.status), message: text.trim() };
  }
}
