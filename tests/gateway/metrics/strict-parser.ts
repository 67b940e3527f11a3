// Reads Prometheus' text format 0.0.4 and takes nothing that a strict reader would not
// (prometheus.io/docs/instrumenting/exposition_formats).
import assert from 'node:assert/strict';

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  /** By their labels, as written between the braces. */
  readonly samples: Map<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)$`,
);

export function parseExposition(text: string): Map<string, ParsedFamily> {
  assert.ok(text.endsWith('\n'), 'the last line ends with a line feed');
  const families = new Map<string, ParsedFamily>();
  let current: [name: string, family: ParsedFamily] | undefined;
  let help: [name: string, text: string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, words] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? [];
    const [, typed, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`).exec(line) ?? [];
    if (helped !== undefined && words !== undefined) help = [helped, words];
    else if (typed !== undefined && type !== undefined) {
      assert.equal(help?.[0], typed, 'HELP stands before TYPE');
      assert.ok(!families.has(typed), `${typed} has one group of lines`);
      current = [typed, { type, help: help[1], samples: new Map() }];
      families.set(...current);
    } else addSample(line, current);
  }
  return families;
}

function addSample(line: string, current: readonly [string, ParsedFamily] | undefined): void {
  const [, name, labels = '', value = ''] =
    SAMPLE.exec(line) ?? assert.fail(`not a line of the format: ${line}`);
  const [head, family] = current ?? assert.fail(`no TYPE before ${line}`);
  assert.equal(name, head, 'a sample stands below its own TYPE');
  assert.ok(!family.samples.has(labels), `${line} comes twice`);
  family.samples.set(labels, Number(value.replace('Inf', 'Infinity')));
}
