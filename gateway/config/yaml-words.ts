// What the parser of YAML found, as somebody would say it who indents with blanks and knows no grammar.
import type { ErrorCode, YAMLError } from 'yaml';

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'an alias (*name) can have no anchor and no tag',
  BAD_ALIAS: 'an alias (*name) needs an anchor (&name) above it; a text that begins with * is quoted',
  BAD_DIRECTIVE: 'a line that begins with % means something else here; quote it',
  BAD_DQ_ESCAPE: String.raw`in "…" a \ begins a sign of its own; write \\, or quote with '…'`,
  BAD_INDENT: 'it is not indented as the lines around it: keys of one block begin in one column',
  BAD_PROP_ORDER: 'an anchor (&name) or a tag stands in the wrong place',
  BAD_SCALAR_START: 'a text cannot begin with this sign; quote it',
  BLOCK_AS_IMPLICIT_KEY:
    'a second key: on one line, or a line that is indented too far; a text with ": " in it is quoted',
  BLOCK_IN_FLOW: 'within {…} and […] everything is separated by commas',
  DUPLICATE_KEY: 'this key is there twice; one of them is to go',
  KEY_OVER_1024_CHARS: 'this key is longer than a key can be',
  MULTILINE_IMPLICIT_KEY: 'a ":" is missing behind a key, or a quote is not closed',
  MULTIPLE_ANCHORS: 'a value can have one anchor (&name)',
  MULTIPLE_DOCS: 'it is one document: no line with --- or ... between',
  MULTIPLE_TAGS: 'a value can have one tag',
  NON_STRING_KEY: 'a key is text',
  RESOURCE_EXHAUSTION: 'it is nested too deep',
  TAB_AS_INDENT: 'a tab stands where only blanks may indent; write blanks',
  TAG_RESOLVE_FAILED: 'its tag (!!…) does not fit what stands behind it',
  BAD_COLLECTION_TYPE: 'its tag (!!…) does not fit what stands behind it',
};

/** One line, without the place. */
export function yamlWords({ code, message }: YAMLError): string {
  const [first = message] = message.split('\n', 1);
  if (code === 'MISSING_CHAR') return missing(first);
  if (code === 'UNEXPECTED_TOKEN')
    return 'something stands here that does not belong there: a bracket or comma too many?';
  return WORDS[code] ?? first;
}

/** Which one is what the parser says best. */
function missing(message: string): string {
  if (/quote/i.test(message)) return 'a quote is not closed';
  if (message.includes('}')) return 'a } is missing';
  if (message.includes(']')) return 'a ] is missing';
  if (message.includes('space')) return 'a blank is missing behind : or -, or before #';
  if (message.includes(',')) return 'a comma is missing';
  return 'something is missing here: a blank, a bracket, a comma or a quote';
}
