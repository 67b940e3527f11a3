// A type's description → what it means, and every mistake that its schema can't see.
import type { ConversationSpec, DeviceType } from '../../device-type.js';
import type { ValueType } from '../../codec/expression/language.js';
import { READ_FOR } from '../../codec/conversation.js';
import { valueTypeOf } from '../../codec/fields.js';
import type { ConfigPath, Problem } from '../problem.js';
import { below, type Report } from '../report.js';
import { resolveAlarms } from './alarms/alarms.js';
import { resolveCommands } from './commands/commands.js';
import { resolveConversation, type KnownNames } from './reading/conversation.js';
import { resolveIdentify } from './reading/identify.js';
import { reportFormerIds } from './former-ids.js';
import { reportTooLong } from './largest.js';
import { resolvePlannedWrites } from './commands/planned-write.js';
import { reportRepeatedFields, resolveSample } from './reading/sample.js';
import { reportShown } from './reading/shown.js';
import { resolveSimulate } from './simulate.js';
import { durationMs } from '../schema/scalars.js';
import type { TypeInput } from '../schema/type.js';

/** Mistakes are reported below `place`: the type's own, or that of a device which changes it. */
export function resolveType(
  id: string,
  input: TypeInput,
  problems: Problem[],
  place: ConfigPath = ['types', id],
): DeviceType {
  const report: Report = (path, message) => problems.push({ path: [...place, ...path], message });
  const { identify, largest } = input;
  const parameters = resolveParameters(input.parameters, report);
  const { constants, known } = resolveConstants(input, report);
  const knownToSamples = new Map([...known, [READ_FOR, 'number'] as const]);
  const samples = input.samples.map((sample, index) =>
    resolveSample(sample, knownToSamples, below(report, 'samples', index)),
  );
  reportRepeatedFields(samples, report);
  const commands = resolveCommands(input.commands, known, below(report, 'commands'));
  reportShown(commands, samples, below(report, 'commands'));
  reportRenamed(samples, commands, report);
  const type: DeviceType = {
    id,
    restMs: durationMs(input.rest),
    ...{ samples, commands, constants, parameters },
    onConnect: resolvePlannedWrites(input.on_connect, commands, 'on_connect', report),
    onStop: resolvePlannedWrites(input.on_stop, commands, 'on_stop', report),
    alarms: resolveAlarms(input, samples, report),
    ...(largest === undefined ? {} : { largest }),
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(identify === undefined ? {} : { identify: resolveIdentify(identify, below(report, 'identify')) }),
    ...(input.simulate === undefined ? {} : { simulate: resolveSimulate(input.simulate) }),
  };
  reportTooLong(type, report);
  return type;
}

function reportRenamed(
  samples: DeviceType['samples'],
  commands: DeviceType['commands'],
  report: Report,
): void {
  const fields = samples.flatMap(({ fields: of }, index) =>
    of.map((field) => ({ ...field, path: ['samples', index, 'fields', field.id] })),
  );
  reportFormerIds(fields, report);
  reportFormerIds(
    [...commands.values()].map((command) => ({ ...command, path: ['commands', command.id] })),
    report,
  );
}

function resolveParameters(inputs: TypeInput['parameters'], report: Report): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(inputs).map(([id, { default: value, min, max }]) => {
      if (min !== undefined && value < min) report(['parameters', id], `is below ${String(min)}`);
      if (max !== undefined && value > max) report(['parameters', id], `is above ${String(max)}`);
      return [id, value];
    }),
  );
}

/** Each may be computed with those before it. */
function resolveConstants(
  input: TypeInput,
  report: Report,
): { readonly constants: readonly ConversationSpec[]; readonly known: KnownNames } {
  const known = new Map<string, ValueType>(Object.keys(input.parameters).map((id) => [id, 'number']));
  const constants = input.constants.map((one, index) => {
    const place = below(report, 'constants', index);
    const conversation = resolveConversation(one, known, place);
    if (conversation.fields.length === 0) place(['fields'], 'names no field; say what the bytes mean');
    for (const field of conversation.fields) {
      if (known.has(field.id)) place(['fields', field.id], 'is the name of another constant or a parameter');
      const type = valueTypeOf(field);
      if (type === 'string') place(['fields', field.id], 'is a text, and nothing can be computed with it');
      else known.set(field.id, type);
    }
    return conversation;
  });
  return { constants, known };
}
