// The messages of Home Assistant's device-based MQTT discovery, as far as the gateway says them. It refuses a whole device for
// an unknown key at the top, in `device` or in `origin`, and drops one in a component without a word: so all are named here.
import type { BinaryClass, SensorClass, StateClass } from '../../shared/home-assistant/classes.js';

export const PLATFORMS = [
  'sensor',
  'binary_sensor',
  'number',
  'switch',
  'select',
  'text',
  'button',
  'light',
  'event',
] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface AvailabilityPlace {
  readonly topic: string;
  readonly value_template: string;
}

interface Common {
  readonly name: string;
  /** Ours, for ever: what its user has changed in Home Assistant hangs on it. */
  readonly unique_id: string;
  /** With its domain: without one it is ignored. */
  readonly default_entity_id: string;
  readonly entity_category?: 'diagnostic';
  readonly state_topic?: string;
  readonly value_template?: string;
  readonly json_attributes_topic?: string;
  readonly availability?: readonly AvailabilityPlace[];
}

interface Commanded {
  readonly command_topic: string;
}

export interface SensorComponent extends Common {
  readonly platform: 'sensor';
  readonly device_class?: SensorClass | 'enum';
  readonly options?: readonly string[];
  readonly unit_of_measurement?: string;
  readonly state_class?: StateClass;
  readonly suggested_display_precision?: number;
  /** Seconds. */
  readonly expire_after?: number;
}

export interface BinarySensorComponent extends Common {
  readonly platform: 'binary_sensor';
  readonly device_class?: BinaryClass;
  readonly payload_on?: string;
  readonly payload_off?: string;
  readonly expire_after?: number;
}

export interface NumberComponent extends Common, Commanded {
  readonly platform: 'number';
  readonly command_template: string;
  readonly device_class?: SensorClass;
  readonly unit_of_measurement?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface SwitchComponent extends Common, Commanded {
  readonly platform: 'switch';
  readonly command_template: string;
  readonly payload_on: string;
  readonly payload_off: string;
  readonly state_on?: string;
  readonly state_off?: string;
}

export interface SelectComponent extends Common, Commanded {
  readonly platform: 'select';
  readonly command_template: string;
  readonly options: readonly string[];
}

export interface TextComponent extends Common, Commanded {
  readonly platform: 'text';
  readonly command_template: string;
  /** Characters. One of more than 255 is refused. */
  readonly max: number;
  readonly pattern: string;
}

export interface ButtonComponent extends Common, Commanded {
  readonly platform: 'button';
  readonly command_template: string;
}

export interface LightComponent extends Omit<Common, 'value_template'>, Commanded {
  readonly platform: 'light';
  readonly schema: 'template';
  readonly command_on_template: string;
  readonly command_off_template: string;
  readonly state_template?: string;
  readonly brightness_template?: string;
}

export interface EventComponent extends Common {
  readonly platform: 'event';
  readonly event_types: readonly string[];
}

export type Component =
  | SensorComponent
  | BinarySensorComponent
  | NumberComponent
  | SwitchComponent
  | SelectComponent
  | TextComponent
  | ButtonComponent
  | LightComponent
  | EventComponent;

/** With nothing but its platform a component is taken away. */
export interface Removal {
  readonly platform: Platform;
}

export interface DiscoveryPayload {
  readonly device: {
    readonly identifiers: readonly string[];
    readonly name: string;
    readonly manufacturer: string;
    readonly model: string;
    readonly sw_version?: string;
    readonly via_device?: string;
    readonly suggested_area?: string;
  };
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly qos: 1;
  readonly availability?: readonly AvailabilityPlace[];
  readonly availability_mode?: 'all';
  readonly components: Readonly<Record<string, Component | Removal>>;
}

/** By its key, which begins with its platform: one that becomes of another platform is another one. */
export type Components = ReadonlyMap<string, Component>;

export interface DiscoveryMessage {
  readonly topic: string;
  readonly payload: DiscoveryPayload;
}
