// The topics of many gateways below one base, for whoever records for all of them or for some: whose a message is.
import { Topics } from './topics.js';

export interface Place {
  readonly gateway: string;
  readonly device: string;
}

export class SiteTopics {
  readonly #base: string;
  readonly #gateways: readonly string[] | undefined;

  /** Without `gateways` those of every gateway there is. */
  constructor(base: string, gateways?: readonly string[]) {
    this.#base = base;
    this.#gateways = gateways;
  }

  get telemetryFilters(): readonly string[] {
    return this.#roots().map((topics) => topics.everyTelemetry);
  }

  get eventFilters(): readonly string[] {
    return this.#roots().map((topics) => topics.event);
  }

  /** `<base>/<gateway>/device/<d>/telemetry` → its two ids, unchecked; undefined for anything else. */
  placeOfTelemetry(topic: string): Place | undefined {
    const gateway = this.#gatewayOf(topic);
    const device = gateway === undefined ? undefined : new Topics(this.#base, gateway).parseTelemetry(topic);
    return gateway === undefined || device === undefined ? undefined : { gateway, device };
  }

  /** Whose telemetry it is, for counting: the device, and its gateway as well where there may be several. */
  nameOf(topic: string): string {
    const place = this.placeOfTelemetry(topic);
    if (place === undefined) return 'unknown';
    return this.#gateways?.length === 1 ? place.device : `${place.gateway}/${place.device}`;
  }

  /** `<base>/<gateway>/event` → the gateway, unchecked. */
  gatewayOfEvent(topic: string): string | undefined {
    const gateway = this.#gatewayOf(topic);
    return gateway !== undefined && topic === new Topics(this.#base, gateway).event ? gateway : undefined;
  }

  #roots(): Topics[] {
    return (this.#gateways ?? ['+']).map((gateway) => new Topics(this.#base, gateway));
  }

  #gatewayOf(topic: string): string | undefined {
    const [base, gateway] = topic.split('/', 2);
    if (base !== this.#base || gateway === undefined) return undefined;
    return this.#gateways?.includes(gateway) === false ? undefined : gateway;
  }
}
