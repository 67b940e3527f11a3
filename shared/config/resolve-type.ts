// A type's description → what it means, and every mistake that its schema can't see.
import type { DeviceType } from '../device-type.js';
import type { Problem } from './problem.js';
import { below, type Report } from './report.js';
import { resolveCommand } from './resolve-command.js';
import { resolvePlannedWrites } from './resolve-planned-write.js';
import { reportRepeatedFields, resolveSample } from './resolve-sample.js';
import { resolveSimulate } from './resolve-simulate.js';
import { durationMs } from './scalars.js';
import type { TypeInput } from './type-schema.js';

export function resolveType(id: string, input: TypeInput, problems: Problem[]): DeviceType {
  const report: Report = (path, message) => problems.push({ path: ['types', id, ...path], message });
  const { identify } = input;
  if (identify !== undefined && identify.expect.length !== identify.read) {
    report(
      ['identify', 'expect'],
      `has ${String(identify.expect.length)} bytes, but read says ${String(identify.read)}; make them equal`,
    );
  }
  const samples = input.samples.map((sample, index) =>
    resolveSample(sample, below(report, 'samples', index)),
  );
  reportRepeatedFields(samples, report);
  const commands = Object.entries(input.commands).map(([name, command]) =>
    resolveCommand(name, command, below(report, 'commands', name)),
  );
  const known = new Map(commands.map((command) => [command.id, command]));
  return {
    id,
    restMs: durationMs(input.rest),
    samples,
    commands: known,
    onConnect: resolvePlannedWrites(input.on_connect, known, 'on_connect', report),
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(identify === undefined
      ? {}
      : { identify: { write: Uint8Array.from(identify.write), expect: Uint8Array.from(identify.expect) } }),
    ...(input.simulate === undefined ? {} : { simulate: resolveSimulate(input.simulate) }),
  };
}
