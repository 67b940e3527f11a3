// What YAML takes without a word and nobody meant: tags it does not know, an alias within what it names, and ids that it
// turns into numbers.
import { isAlias, isMap, isPair, isScalar, visit, type Document, type Pair, type Scalar } from 'yaml';

export interface YamlMistake {
  /** In the text. */
  readonly offset: number;
  readonly message: string;
}

/** Whose keys are ids. Those of `names` and `status` are numbers on purpose. */
const IDS: ReadonlySet<unknown> = new Set(['buses', 'types', 'devices', 'commands', 'fields', 'args']);

/** In the order of the text. */
export function yamlMistakes(document: Document): readonly YamlMistake[] {
  const tags = document.warnings.map(({ pos: [offset], message }) => ({ offset, message: ofTag(message) }));
  const mistakes: YamlMistake[] = [...tags];
  visit(document, {
    Alias: (_key, alias, path) => {
      const named = alias.resolve(document);
      if (named !== undefined && path.includes(named))
        mistakes.push({
          offset: alias.range?.[0] ?? 0,
          message: `the alias *${alias.source} stands within what it names: that has no end`,
        });
    },
    Pair: (_key, pair) => {
      if (isScalar(pair.key) && IDS.has(pair.key.value)) mistakes.push(...ofIds(pair));
    },
  });
  return mistakes.toSorted((a, b) => a.offset - b.offset);
}

function ofTag(message: string): string {
  const [, tag] = /^Unresolved tag: (\S+)/.exec(message) ?? [];
  if (tag === undefined) return message.split('\n', 1)[0] ?? message;
  return `the tag ${tag} is not known here, and the text behind it would be taken as it is; secrets come from the environment`;
}

function ofIds(section: Pair): YamlMistake[] {
  const { value } = section;
  if (!isMap(value) || isAlias(value)) return [];
  return value.items.flatMap((item) => {
    if (!isPair(item) || !isScalar(item.key)) return [];
    const message = mistakeIn(item.key, isScalar(section.key) && section.key.value === 'fields');
    return message === undefined ? [] : [{ offset: item.key.range?.[0] ?? 0, message }];
  });
}

function mistakeIn({ value, source }: Scalar, isField: boolean): string | undefined {
  const read = String(value);
  if (typeof value !== 'string' && source !== undefined && source !== read)
    return `${source} is ${read} to YAML; quote it: '${source}'`;
  // Objects have such keys first, in the order of the numbers, and fields lie one behind the other.
  if (isField && /^\d+$/.test(read))
    return `a field can't be called ${read}: whole numbers change their places among the others; put a letter before it`;
  return undefined;
}
