// A type's description → what it means, and every mistake that its schema can't see.
import { bodyLength } from '../../codec/frame.js';
import type { DeviceType, IdentifySpec } from '../../device-type.js';
import type { Problem } from '../problem.js';
import { below, type Report } from '../report.js';
import { resolveCommands } from './commands.js';
import { reportFormerIds } from './former-ids.js';
import { resolvePlannedWrites } from './planned-write.js';
import { reportRepeatedFields, resolveSample } from './sample.js';
import { resolveQuestion } from './question.js';
import { reportShown } from './shown.js';
import { resolveSimulate } from './simulate.js';
import { durationMs } from '../schema/scalars.js';
import type { TypeInput } from '../schema/type.js';

export function resolveType(id: string, input: TypeInput, problems: Problem[]): DeviceType {
  const report: Report = (path, message) => problems.push({ path: ['types', id, ...path], message });
  const { identify } = input;
  const samples = input.samples.map((sample, index) =>
    resolveSample(sample, below(report, 'samples', index)),
  );
  reportRepeatedFields(samples, report);
  const commands = resolveCommands(input.commands, below(report, 'commands'));
  reportShown(commands, samples, below(report, 'commands'));
  reportRenamed(samples, commands, report);
  return {
    id,
    restMs: durationMs(input.rest),
    samples,
    commands,
    onConnect: resolvePlannedWrites(input.on_connect, commands, 'on_connect', report),
    onStop: resolvePlannedWrites(input.on_stop, commands, 'on_stop', report),
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(identify === undefined ? {} : { identify: resolveIdentify(identify, below(report, 'identify')) }),
    ...(input.simulate === undefined ? {} : { simulate: resolveSimulate(input.simulate) }),
  };
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

function resolveIdentify(input: NonNullable<TypeInput['identify']>, report: Report): IdentifySpec {
  const question = resolveQuestion(input, report);
  const expect = Uint8Array.from(input.expect);
  const body = bodyLength(question);
  if (expect.length !== body)
    report(
      ['expect'],
      `has ${String(expect.length)} bytes, but read leaves ${String(body)} for it; make them equal`,
    );
  return { ...question, expect };
}
