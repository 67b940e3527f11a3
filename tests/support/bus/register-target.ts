// A target without firmware: 256 registers, of which the first byte written chooses one. It can be told to refuse.
import type { Direction, SimulatedTarget } from '../../../gateway/i2c/simulated/target.js';

export class RegisterTarget implements SimulatedTarget {
  readonly registers = new Uint8Array(256);
  /** Bytes of a write that are acknowledged, the register included. */
  acceptedBytes = Number.POSITIVE_INFINITY;
  acknowledgesAddress = true;
  /** What the wire did, one word a step: `start:write`, `receive`, `send:ack`, `send:nack`, `stop`. */
  readonly steps: string[] = [];
  #pointer = 0;
  #received = 0;

  start(_address: number, direction: Direction): boolean {
    this.steps.push(`start:${direction}`);
    this.#received = 0;
    return this.acknowledgesAddress;
  }

  receive(byte: number): boolean {
    this.steps.push('receive');
    this.#received += 1;
    if (this.#received > this.acceptedBytes) return false;
    if (this.#received === 1) this.#pointer = byte;
    else this.registers[this.#pointer++ % 256] = byte;
    return true;
  }

  send(acknowledged: boolean): number {
    this.steps.push(acknowledged ? 'send:ack' : 'send:nack');
    return this.registers[this.#pointer++ % 256] ?? 0;
  }

  stop(): void {
    this.steps.push('stop');
  }

  holdsClock(): boolean {
    return false;
  }
}
