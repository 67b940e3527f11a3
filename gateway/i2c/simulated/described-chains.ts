// What a simulated target is asked by conversations: which step of which one a read belongs to, by what was written before it.
import { rawNumber } from '../../../shared/codec/fields.js';
import { passes, passing, type FieldTest } from '../../../shared/codec/reply-test.js';
import { isNumberType, WIRE_TYPES } from '../../../shared/codec/wire-types.js';
import type { ConversationSpec, DeviceType, FieldSpec, StepSpec } from '../../../shared/device-type.js';

/** A step that reads, with what is simulated of it. */
export interface ChainStep {
  readonly step: StepSpec;
  readonly everyMs: number;
  /** A constant does not drift. */
  readonly steady: boolean;
  /** What other fields need of those that it reads. */
  readonly tests: readonly FieldTest[];
}

interface Chain {
  /** What is written before its first read. */
  readonly write: Uint8Array;
  /** The writes of the same conversation that go before that, the nearest first. */
  readonly before: readonly Uint8Array[];
  /** One a read: where no further write comes in between. */
  readonly steps: readonly ChainStep[];
}

/** So many writes are remembered. */
const MOST_WRITES = 16;
const COMMAND_EVERY_MS = 1000;

export class DescribedChains {
  readonly #chains: readonly Chain[];
  /** The newest first. */
  readonly #writes: Uint8Array[] = [];
  #reads = 0;

  constructor({ samples, constants, commands, identify, onConnect, onStop }: DeviceType) {
    const written = [...commands.values(), ...[...onConnect, ...onStop].map(({ spec }) => spec)];
    const spoken = [
      ...samples.flatMap(({ conversation, everyMs }) =>
        conversation === undefined ? [] : chainsOf(conversation, everyMs, false),
      ),
      ...constants.flatMap((conversation) => chainsOf(conversation, COMMAND_EVERY_MS, true)),
      ...written.flatMap(({ steps = [], computed = [], answer = [] }) => {
        const plain = steps.map(({ step }) => step);
        return chainsOf({ steps: plain, computed, fields: answer }, COMMAND_EVERY_MS, false);
      }),
    ];
    const asked = [identify, ...[...commands.values()].map(({ verify }) => verify)];
    this.#chains = [
      ...spoken,
      ...asked.flatMap((one) =>
        chainsOf({ steps: one?.before ?? [], computed: [], fields: [] }, COMMAND_EVERY_MS, true),
      ),
    ];
  }

  written(bytes: Uint8Array): void {
    this.#writes.unshift(bytes);
    this.#writes.length = Math.min(this.#writes.length, MOST_WRITES);
    this.#reads = 0;
  }

  /** The step that a read now belongs to; where several are written alike, the one whose conversation was begun. */
  next(pointer: Uint8Array): ChainStep | undefined {
    const alike = this.#chains.filter(({ write }) => isSame(write, pointer));
    const [chain] = alike.toSorted((one, other) => this.#match(other) - this.#match(one));
    if (chain === undefined) return undefined;
    const step = chain.steps[this.#reads % Math.max(1, chain.steps.length)];
    this.#reads += 1;
    return step;
  }

  #match({ before }: Chain): number {
    const earlier = this.#writes.slice(1);
    const differs = before.findIndex((write, index) => !isSame(write, earlier[index] ?? new Uint8Array()));
    return differs === -1 ? before.length : differs;
  }
}

function chainsOf(
  { steps, computed, fields }: Pick<ConversationSpec, 'steps' | 'computed' | 'fields'>,
  everyMs: number,
  steady: boolean,
): Chain[] {
  const all = [...steps.flatMap((step) => step.fields), ...computed, ...fields];
  const tests = [...all.flatMap(({ valid }) => valid ?? []), ...steps.flatMap(({ onlyIf }) => onlyIf ?? [])];
  const chains: { write: Uint8Array; before: Uint8Array[]; steps: ChainStep[] }[] = [];
  const writes: Uint8Array[] = [];
  for (const step of steps) {
    const isNew = step.write.length > 0 || chains.length === 0;
    if (isNew) chains.push({ write: step.write, before: [...writes], steps: [] });
    if (step.write.length > 0) writes.unshift(step.write);
    if (step.readLength > 0) chains.at(-1)?.steps.push({ step, everyMs, steady, tests });
  }
  return chains.filter((chain) => chain.steps.length > 0);
}

/** Changes the fields in `body` that others need so. */
export function makeFieldsPass(body: Uint8Array, { step, tests }: ChainStep): void {
  for (const test of tests) {
    const field = step.fields.find(({ id }) => id === test.field);
    const raw = field === undefined ? undefined : rawNumber(body, field);
    if (field !== undefined && raw !== undefined && !passes(raw, test)) put(body, field, passing(raw, test));
  }
}

function put(body: Uint8Array, { type, at, bit = 0, bits, swap }: FieldSpec, raw: number): void {
  if (type === 'bit') body[at] = ((body[at] ?? 0) & ~(1 << bit)) | (raw << bit);
  else if (!isNumberType(type)) body[at] = raw;
  else if (swap === undefined)
    WIRE_TYPES[type].write(new DataView(body.buffer, body.byteOffset, body.byteLength), at, raw, bits);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
