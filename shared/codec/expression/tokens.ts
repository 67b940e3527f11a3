// The text of an expression → its words: numbers, names, operators.

export interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly place: number;
}

/** A mistake in an expression, in words; `place` is the character, counted from 1. */
export class ExpressionMistake extends Error {
  readonly place: number;

  constructor(message: string, place: number) {
    super(message);
    this.place = place;
  }
}

const NUMBER = /^(?:0x[0-9a-f]+|0b[01]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?![\w.])/i;
const NAME = /^[a-z_][a-z0-9_]*/i;
const SIGN = /^(?:\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|<>(),!])/;

/** What people mean by a sign that the language does not have. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['^', 'is a power to some and XOR to others: write a ** b, or xor(a, b)'],
  ['=', 'sets nothing here: to compare, write =='],
  ['?', 'is written if(condition, then, else)'],
  ['~', 'is not known here: mask with & what is meant'],
  ['.', 'is no number by itself'],
]);

/** Throws ExpressionMistake. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^\s+/.exec(rest)?.[0];
    if (blank === undefined) {
      const token = nextToken(rest, at + 1);
      tokens.push(token);
      at += token.text.length;
    } else at += blank.length;
  }
  return [...tokens, { kind: 'end', text: '', place: text.length + 1 }];
}

function nextToken(rest: string, place: number): Token {
  const number = NUMBER.exec(rest)?.[0];
  if (number !== undefined) return { kind: 'number', text: number, place };
  const name = NAME.exec(rest)?.[0];
  if (name !== undefined) return { kind: 'name', text: name, place };
  const sign = SIGN.exec(rest)?.[0];
  if (sign !== undefined) return { kind: 'sign', text: sign, place };
  const [character = ''] = rest;
  throw new ExpressionMistake(`${character} ${MEANT.get(character) ?? 'has no meaning here'}`, place);
}
