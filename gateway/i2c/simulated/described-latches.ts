// Bytes of a simulated target that commands change in part: a port's latch, which holds what was written to it last.
import { withoutWriteChecks } from '../../../shared/codec/write/command-bytes.js';
import type { ModifySpec } from '../../../shared/codec/write/spec.js';
import type { CommandStepSpec, DeviceType } from '../../../shared/device-type.js';

interface Latch {
  /** The register in front of it. */
  readonly write: Uint8Array;
  readonly check: CommandStepSpec['writeCheck'];
  bytes: Uint8Array;
}

export class DescribedLatches {
  readonly #latches: readonly Latch[];

  constructor({ commands }: DeviceType) {
    this.#latches = [...commands.values()].flatMap(({ steps = [] }) =>
      steps.flatMap(({ step, modify, writeCheck: check }) =>
        modify === undefined ? [] : [{ write: step.write, check, bytes: atStart(step.readLength, modify) }],
      ),
    );
  }

  /** The register that these bytes were written behind; undefined where they are no such write. */
  written(bytes: Uint8Array): Uint8Array | undefined {
    let register: Uint8Array | undefined;
    for (const latch of this.#latches) {
      const { write, check } = latch;
      const length = write.length + latch.bytes.length;
      const plain = check === undefined ? bytes : withoutWriteChecks(bytes, check, length);
      if (plain.length !== length || !begins(plain, write)) continue;
      latch.bytes = plain.slice(write.length);
      register = write;
    }
    return register;
  }

  /** What is read behind a register, where that is a latch of so many bytes. */
  read(register: Uint8Array, length: number): Uint8Array | undefined {
    return this.#latches.find(
      ({ write, bytes }) =>
        bytes.length === length && write.length === register.length && begins(register, write),
    )?.bytes;
  }
}

/** Off: where on is 0, all are 1. */
function atStart(length: number, { invert }: ModifySpec): Uint8Array {
  return new Uint8Array(length).fill(invert ? 0xff : 0);
}

function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => byte === bytes[index]);
}
