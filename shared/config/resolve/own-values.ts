// What a device has of its own: how often it is read, how its sensors are calibrated, and the values that its type leaves open.
import type { DeviceType } from '../../device-type.js';
import type { Problem } from '../problem.js';
import type { ConfigInput } from '../schema/document.js';
import type { TypeInput } from '../schema/type.js';
import { oneByOne } from './reading/lay-out.js';
import { resolveType } from './type.js';

type DeviceInput = ConfigInput['devices'][string];

/** The type as it is for this device. */
export function ownType(
  id: string,
  device: DeviceInput,
  type: { readonly spec: DeviceType; readonly input: TypeInput },
  problems: Problem[],
): DeviceType {
  const { every, calibrate = {}, parameters = {} } = device;
  const isOwn = every !== undefined || Object.keys({ ...calibrate, ...parameters }).length > 0;
  if (!isOwn) return type.spec;
  const { input } = type;
  const report = (key: string, name: string, message: string): void => {
    problems.push({ path: ['devices', id, key, name], message });
  };
  for (const name of Object.keys(parameters))
    if (input.parameters[name] === undefined)
      report('parameters', name, `is no parameter of the type${listed(Object.keys(input.parameters))}`);
  const fields = new Set(type.spec.samples.flatMap((sample) => sample.fields.map((field) => field.id)));
  for (const name of Object.keys(calibrate))
    if (!fields.has(name)) report('calibrate', name, `is no field of the type${listed([...fields])}`);
  const own: TypeInput = {
    ...input,
    parameters: withDefaults(input.parameters, parameters),
    samples: input.samples.map((sample) =>
      calibrated(every === undefined ? sample : { ...sample, every }, calibrate),
    ),
  };
  return resolveType(device.type, own, problems, ['devices', id]);
}

function withDefaults(
  inputs: TypeInput['parameters'],
  given: Readonly<Record<string, number>>,
): TypeInput['parameters'] {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      { ...input, default: given[name] ?? input.default },
    ]),
  );
}

type SampleInput = TypeInput['samples'][number];

function calibrated(sample: SampleInput, calibrate: NonNullable<DeviceInput['calibrate']>): SampleInput {
  const change = (fields: SampleInput['fields']): SampleInput['fields'] =>
    Object.fromEntries(
      Object.entries(fields)
        .flatMap(([id, field]) => oneByOne(id, field))
        .map(([id, field]) => [
          id,
          calibrate[id] === undefined ? field : { ...field, calibrate: calibrate[id] },
        ]),
    );
  const steps = sample.steps?.map((step) => ({ ...step, fields: change(step.fields) }));
  return { ...sample, fields: change(sample.fields), ...(steps === undefined ? {} : { steps }) };
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '' : `; there are ${names.slice(0, 10).join(', ')}`;
}
