// Every topic the gateway uses, in one place. Ids hold no slash and no wildcard, so a topic's levels are what they seem.

/** Starts with a letter or digit, so that no id is `__proto__`: ids become keys of JSON objects. */
export const ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Builds the topics of one gateway: `<base>/<gateway>/…`. */
export class Topics {
  readonly base: string;
  readonly root: string;

  constructor(base: string, gateway: string) {
    this.base = base;
    this.root = `${base}/${gateway}`;
  }

  get status(): string {
    return `${this.root}/status`;
  }
  get info(): string {
    return `${this.root}/info`;
  }
  get health(): string {
    return `${this.root}/health`;
  }
  busHealth(bus: string): string {
    return `${this.root}/bus/${bus}/health`;
  }
  get event(): string {
    return `${this.root}/event`;
  }
  log(level: LogLevel): string {
    return `${this.root}/log/${level}`;
  }
  request(op: string): string {
    return `${this.root}/request/${op}`;
  }
  response(op: string): string {
    return `${this.root}/response/${op}`;
  }
  meta(device: string): string {
    return `${this.root}/device/${device}/meta`;
  }
  availability(device: string): string {
    return `${this.root}/device/${device}/availability`;
  }
  deviceHealth(device: string): string {
    return `${this.root}/device/${device}/health`;
  }
  state(device: string): string {
    return `${this.root}/device/${device}/state`;
  }
  telemetry(device: string): string {
    return `${this.root}/device/${device}/telemetry`;
  }
  alarm(device: string, id: string): string {
    return `${this.root}/device/${device}/alarm/${id}`;
  }
  value(device: string, field: string): string {
    return `${this.root}/device/${device}/value/${field}`;
  }
  command(device: string, name: string): string {
    return `${this.root}/device/${device}/command/${name}`;
  }
  reply(device: string, name: string): string {
    return `${this.root}/device/${device}/reply/${name}`;
  }

  // Filters: what the gateway itself listens to.

  get everyCommand(): string {
    return `${this.root}/device/+/command/+`;
  }
  get everyRequest(): string {
    return `${this.root}/request/+`;
  }
  get everyTelemetry(): string {
    return `${this.root}/device/+/telemetry`;
  }

  /** `<root>/device/<d>/command/<name>` → its two ids; undefined for anything else. */
  parseCommand(topic: string): { readonly device: string; readonly name: string } | undefined {
    const [kind, device, verb, name, ...rest] = this.#below(topic);
    if (kind !== 'device' || verb !== 'command' || device === undefined || name === undefined)
      return undefined;
    return rest.length === 0 ? { device, name } : undefined;
  }

  /** `<root>/request/<op>` → op. */
  parseRequest(topic: string): string | undefined {
    const [kind, op, ...rest] = this.#below(topic);
    return kind === 'request' && op !== undefined && rest.length === 0 ? op : undefined;
  }

  /** `<root>/device/<d>/telemetry` → device. */
  parseTelemetry(topic: string): string | undefined {
    const [kind, device, verb, ...rest] = this.#below(topic);
    return kind === 'device' && verb === 'telemetry' && rest.length === 0 ? device : undefined;
  }

  #below(topic: string): string[] {
    return topic.startsWith(`${this.root}/`) ? topic.slice(this.root.length + 1).split('/') : [];
  }
}
