// A reporter for node --test: the test files that did not pass, a line each. A test's own event names the file that called
// `test`, which may be a helper of many; only what is completed under the name of its file tells which one ran.
import { resolve } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

export default async function* failedFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events)
    // Its name is the path that was asked for; the file's Node 24 makes absolute.
    if (
      type === 'test:complete' &&
      !data.details.passed &&
      data.file !== undefined &&
      resolve(data.name) === resolve(data.file)
    )
      yield `${data.name}\n`;
}
