// request/add_device: a device for the configuration's file, shown, tried and saved; and request/device_kinds, what it may be.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { payloadOf } from '../../bridge/payload/explain.js';
import type { Difference, Written } from '../../bridge/reload/difference.js';
import { FIRST_ADDRESS, LAST_ADDRESS } from '../../shared/addresses.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import { defined } from '../../shared/config/defined.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';
import { ID_PATTERN } from '../../shared/topics.js';
import { chipLibrary, chipText } from '../config/library.js';
import { whyOf } from '../process/why.js';
import type { Reloader } from '../reload/reloader.js';
import { inOneLine, withAddition, type Addition } from './insertion.js';
import { kindsAt, type Kinds } from './kinds.js';
import { lineDifference, type DifferenceLine } from './line-difference.js';
import { keepVersion, markOfText, replaceText } from './place.js';
import { tryDevice, type Tried } from './try-device.js';

const id = z.string().regex(ID_PATTERN, 'an id is of a-z, 0-9, _ and -');
const address = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^0x[0-9a-f]{2}$/i, 'an address is 0x08, or its number')
      .transform((text) => Number.parseInt(text, 16)),
  ])
  .pipe(z.int().min(FIRST_ADDRESS).max(LAST_ADDRESS));

export const addDeviceRequest = z.strictObject({
  step: z.enum(['show', 'try', 'save']).default('show'),
  device: id,
  bus: id,
  address,
  behind: z.strictObject({ mux: address, channel: z.int().min(0).max(7) }).optional(),
  type: id.optional(),
  chip: id.optional(),
  label: z.string().min(1).max(200).optional(),
  mark: z.string().max(64).optional(),
});

export const deviceKindsRequest = z.strictObject({ address });

export interface DeviceAddition {
  readonly file: string;
  /** What changes in it. */
  readonly difference: readonly DifferenceLine[];
  /** The same to be written by hand: entries of `types` and `devices`. */
  readonly entries: readonly string[];
  /** Of the file as it was shown; `save` wants it. */
  readonly mark: string;
  /** Of `try`. */
  readonly tried?: Tried;
  /** Of `save`: what was taken up, or why the file can't be written. */
  readonly saved?:
    { readonly ok: true; readonly taken: Difference } | { readonly ok: false; readonly why: string };
}

export interface AddDeviceOptions {
  readonly config: Pick<GatewayConfig, 'configuration'>;
  readonly file: string;
  /** Checks a text as a start checks the file. Rejects with config_invalid. */
  readonly check: (text: string) => Promise<Written>;
  readonly reloader: () => Pick<Reloader, 'reload'> | undefined;
  readonly buses: ReadonlyMap<string, QueuedI2cBus>;
  readonly dataDir: string;
  readonly clock: Clock;
}

type Asked = z.output<typeof addDeviceRequest>;

export class AddDevice {
  readonly #options: AddDeviceOptions;
  /** One save at a time. */
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: AddDeviceOptions) {
    this.#options = options;
  }

  /** Rejects with forbidden, bad_payload, config_invalid where the whole would have mistakes, config_unreadable. */
  async answer(data: unknown): Promise<DeviceAddition> {
    this.#refuse();
    const asked = payloadOf(addDeviceRequest, data);
    if ((asked.type === undefined) === (asked.chip === undefined))
      throw new GatewayError(
        'bad_payload',
        'Name either a type of the configuration or a chip of the library.',
      );
    if (asked.step !== 'save') return this.#shown(asked);
    const saving = this.#saving.then(() => this.#save(asked));
    this.#saving = saving.catch(() => undefined);
    return saving;
  }

  /** Rejects with forbidden or bad_payload. */
  async kinds(data: unknown): Promise<Kinds> {
    this.#refuse();
    const { address: at } = payloadOf(deviceKindsRequest, data);
    return kindsAt(at, Object.keys(typesIn(await this.#read())), chipLibrary, chipText);
  }

  async #shown(asked: Asked): Promise<DeviceAddition> {
    const { shown, written } = await this.#proposed(asked);
    return asked.step === 'try' ? { ...shown, tried: await this.#try(asked, written) } : shown;
  }

  async #proposed(asked: Asked): Promise<{ shown: DeviceAddition; text: string; written: Written }> {
    const { file, check } = this.#options;
    const before = await this.#read();
    const additions = additionsFor(asked, typesIn(before));
    const text = additions.reduce(withAddition, before);
    const written = await check(text);
    const entries = additions.map(
      ({ section, id: entry, value }) => `${section}: ${entry}: ${inOneLine(value)}`,
    );
    const shown = { file, difference: lineDifference(before, text), entries, mark: markOfText(before) };
    return { shown, text, written };
  }

  async #try({ device: name }: Asked, { config }: Written): Promise<Tried> {
    const device = config.devices.get(name);
    const bus = device === undefined ? undefined : this.#options.buses.get(device.bus);
    if (device === undefined || bus === undefined)
      throw new GatewayError('bad_payload', 'The bus is not open; a restart opens it.');
    return tryDevice(device, bus, this.#options.clock);
  }

  async #save(asked: Asked): Promise<DeviceAddition> {
    const { file, reloader, dataDir, clock, config } = this.#options;
    const { shown, text } = await this.#proposed(asked);
    if (asked.mark !== shown.mark)
      throw new GatewayError(
        'bad_payload',
        'The file is not the one that was shown: look at the difference again.',
      );
    try {
      await keepVersion(file, dataDir, config.configuration.keep, clock.now());
      await replaceText(file, text);
    } catch (thrown) {
      const why = `${file} cannot be written: ${whyOf(thrown)}. Write the entries into it by hand.`;
      return { ...shown, saved: { ok: false, why } };
    }
    const taken = await reloader()?.reload();
    if (taken === undefined) throw new GatewayError('internal', 'Nobody takes the configuration up.');
    return { ...shown, saved: { ok: true, taken } };
  }

  async #read(): Promise<string> {
    const { file } = this.#options;
    try {
      return await readFile(file, 'utf8');
    } catch (cause) {
      const why = whyOf(cause);
      throw new GatewayError('config_unreadable', `The configuration ${file} cannot be read: ${why}.`, {
        cause,
      });
    }
  }

  #refuse(): void {
    if (this.#options.config.configuration.edit) return;
    throw new GatewayError(
      'forbidden',
      'Changing the configuration by requests is off: set configuration.edit: true in the file.',
    );
  }
}

function typesIn(text: string): Readonly<Record<string, unknown>> {
  const data: unknown = parse(text, { logLevel: 'silent' });
  const types: unknown =
    typeof data === 'object' && data !== null && 'types' in data ? data.types : undefined;
  return typeof types === 'object' && types !== null ? { ...types } : {};
}

/** A chip needs a type that uses it: one that is there and does nothing else, or a new one. */
function additionsFor(asked: Asked, types: Readonly<Record<string, unknown>>): readonly Addition[] {
  const { device, bus, address: at, behind, label, chip } = asked;
  const use = chip === undefined ? undefined : { use: chip };
  const found = Object.entries(types).find(([, type]) => use !== undefined && isDeepStrictEqual(type, use));
  const type = asked.type ?? found?.[0] ?? freeId(chip ?? '', types);
  const value = defined({ type, bus, address: at, behind, label });
  const ofDevice = { section: 'devices', id: device, value };
  return use === undefined || found !== undefined
    ? [ofDevice]
    : [{ section: 'types', id: type, value: use }, ofDevice];
}

function freeId(chip: string, types: Readonly<Record<string, unknown>>): string {
  let name = chip;
  for (let count = 2; Object.hasOwn(types, name); count += 1) name = `${chip}-${String(count)}`;
  return name;
}
