// A reader of standard output that stands still: what waits for it is bounded in bytes, and what is beyond is counted.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLogger } from '../../../gateway/logging/logger.js';
import { FakeClock } from '../../support/fake-clock.js';

const MB = 1024 * 1024;

/** As a full pipe: takes nothing until it is told to. */
class StalledPipe extends Writable {
  readonly taken: string[] = [];
  #isStalled = true;
  #waiting: () => void = () => undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk.toString());
    if (this.#isStalled) this.#waiting = done;
    else done();
  }

  flow(): void {
    this.#isStalled = false;
    this.#waiting();
  }
}

for (const style of ['words', 'json', 'journal'] as const)
  test(`the largest lines wait up to a megabyte, as ${style}`, async () => {
    const output = new StalledPipe();
    const logger = await createLogger({ level: 'info', clock: new FakeClock(), output, style });
    // Characters that take three bytes, and as many of them as a line may have.
    const fields = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`f${String(index)}`, '€'.repeat(2000)]),
    );
    for (let line = 0; line < 500; line += 1) logger.log.info(fields, 'large');
    assert.ok(output.writableLength <= MB, String(output.writableLength));
    assert.ok(output.writableLength > MB / 2, String(output.writableLength));
    const { unprintedLines } = logger.health();
    output.flow();
    while (output.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(output.taken.length + unprintedLines, 500);
    logger.log.info({}, 'again');
    assert.match(output.taken.at(-1) ?? '', /again/);
  });
