// The text of an expression → a tree, checked as far as it can be without knowing any value: what it names, and of which
// type each part is.
import {
  FUNCTIONS,
  MOST_OPERANDS,
  OPERATORS,
  type NodeType,
  type Operation,
  type ValueType,
} from './language.js';
import { ExpressionMistake, tokensOf, type Token } from './tokens.js';

export type Node =
  | { readonly kind: 'value'; readonly value: number | boolean; readonly type: ValueType }
  | { readonly kind: 'none'; readonly type: 'none' }
  | { readonly kind: 'name'; readonly name: string; readonly type: ValueType }
  | {
      readonly kind: 'run';
      readonly operation: Operation;
      readonly operands: readonly Node[];
      readonly type: ValueType;
    }
  | { readonly kind: 'not' | 'and' | 'or'; readonly operands: readonly Node[]; readonly type: 'boolean' }
  | { readonly kind: 'if'; readonly operands: readonly [Node, Node, Node]; readonly type: NodeType };

export interface Expression {
  readonly text: string;
  readonly tree: Node;
  readonly type: ValueType;
  /** What it is computed from. */
  readonly names: ReadonlySet<string>;
}

/** What a name stands for: a number or a truth, or why it can't be used. */
export type TypeOfName = (name: string) => ValueType | { readonly mistake: string };

export const MOST_CHARACTERS = 2000;
/** Of brackets within brackets. */
const DEEPEST = 40;

/** From what binds least to what binds most; operators of one line go from left to right. */
const BINDING: readonly (readonly string[])[] = [
  ['<', '<=', '>', '>=', '==', '!='],
  ['|'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Throws ExpressionMistake. */
export function parseExpression(text: string, typeOf: TypeOfName): Expression {
  if (text.length > MOST_CHARACTERS)
    throw new ExpressionMistake(`is longer than ${String(MOST_CHARACTERS)} characters`, 1);
  const names = new Set<string>();
  const parser = new Parser(tokensOf(text), (name) => {
    names.add(name);
    return typeOf(name);
  });
  const tree = parser.all();
  if (tree.type === 'none') throw new ExpressionMistake('is none whatever the values are', 1);
  return { text, tree, type: tree.type, names };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #typeOf: TypeOfName;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], typeOf: TypeOfName) {
    this.#tokens = tokens;
    this.#typeOf = typeOf;
  }

  all(): Node {
    const tree = this.#either();
    const token = this.#next();
    if (token.kind !== 'end') throw unexpected(token, 'an operator, or the end');
    return tree;
  }

  #either(): Node {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ExpressionMistake('is nested too deeply', this.#peek().place);
    const node = this.#joined('or', ['or', '||'], () =>
      this.#joined('and', ['and', '&&'], () => this.#denied()),
    );
    this.#depth -= 1;
    return node;
  }

  #joined(kind: 'and' | 'or', words: readonly string[], part: () => Node): Node {
    const place = this.#peek().place;
    const operands = [part()];
    while (words.includes(this.#peek().text)) {
      this.#next();
      operands.push(part());
    }
    const [only] = operands;
    if (operands.length === 1 && only !== undefined) return only;
    for (const operand of operands) expectType(operand, 'boolean', kind, place);
    return { kind, operands, type: 'boolean' };
  }

  #denied(): Node {
    const token = this.#peek();
    if (token.text !== 'not' && token.text !== '!') return this.#binary(0);
    this.#next();
    const operand = this.#denied();
    expectType(operand, 'boolean', 'not', token.place);
    return { kind: 'not', operands: [operand], type: 'boolean' };
  }

  #binary(level: number): Node {
    const signs = BINDING[level];
    if (signs === undefined) return this.#negated();
    let left = this.#binary(level + 1);
    while (signs.includes(this.#peek().text)) {
      const token = this.#next();
      left = run(OPERATORS, token, [left, this.#binary(level + 1)]);
      if (level === 0 && signs.includes(this.#peek().text))
        throw new ExpressionMistake('two comparisons in a row: join them with and', this.#peek().place);
    }
    return left;
  }

  #negated(): Node {
    const token = this.#peek();
    if (token.text !== '-' && token.text !== '+') return this.#power();
    this.#next();
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ExpressionMistake('is nested too deeply', token.place);
    const operand = this.#negated();
    this.#depth -= 1;
    const zero: Node = { kind: 'value', value: 0, type: 'number' };
    return run(OPERATORS, token, [zero, operand]);
  }

  /** Binds more than a minus before it, and goes from right to left. */
  #power(): Node {
    const base = this.#single();
    const token = this.#peek();
    if (token.text !== '**') return base;
    this.#next();
    return run(OPERATORS, token, [base, this.#negated()]);
  }

  #single(): Node {
    const token = this.#next();
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text), type: 'number' };
    if (token.text === '(') {
      const inner = this.#either();
      this.#expect(')');
      return inner;
    }
    if (token.kind === 'name') return this.#peek().text === '(' ? this.#call(token) : this.#named(token);
    throw unexpected(token, 'a number, a name or a bracket');
  }

  #named(token: Token): Node {
    const { text: name, place } = token;
    if (name === 'true' || name === 'false')
      return { kind: 'value', value: name === 'true', type: 'boolean' };
    if (name === 'none') return { kind: 'none', type: 'none' };
    if (FUNCTIONS.has(name) || name === 'if')
      throw new ExpressionMistake(`${name} is a function: ${name}(…)`, place);
    const type = this.#typeOf(name);
    if (typeof type === 'object') throw new ExpressionMistake(type.mistake, place);
    return { kind: 'name', name, type };
  }

  #call(token: Token): Node {
    this.#expect('(');
    const operands = [this.#either()];
    while (this.#peek().text === ',') {
      this.#next();
      operands.push(this.#either());
    }
    this.#expect(')');
    if (token.text === 'if') return choice(token, operands);
    if (!FUNCTIONS.has(token.text))
      throw new ExpressionMistake(
        `${token.text} is no function; there are ${['if', ...FUNCTIONS.keys()].join(', ')}`,
        token.place,
      );
    return run(FUNCTIONS, token, operands);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', place: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #expect(sign: string): void {
    const token = this.#next();
    if (token.text !== sign) throw unexpected(token, sign);
  }
}

function run(operations: ReadonlyMap<string, Operation>, { text, place }: Token, operands: Node[]): Node {
  const operation = operations.get(text);
  if (operation === undefined) throw new ExpressionMistake(`${text} has no meaning here`, place);
  const { least, most, takes, gives } = operation;
  if (operands.length < least || operands.length > most)
    throw new ExpressionMistake(`${text} takes ${countInWords(least, most)}`, place);
  for (const [index, operand] of operands.entries())
    expectType(operand, takes[Math.min(index, takes.length - 1)] ?? 'number', text, place);
  return { kind: 'run', operation, operands, type: gives };
}

function choice({ place }: Token, operands: readonly Node[]): Node {
  const [condition, then, otherwise] = operands;
  if (condition === undefined || then === undefined || otherwise === undefined || operands.length > 3)
    throw new ExpressionMistake('if takes a condition, what it is then, and what it is else', place);
  expectType(condition, 'boolean', 'the condition of if', place);
  if (then.type !== otherwise.type && then.type !== 'none' && otherwise.type !== 'none')
    throw new ExpressionMistake('if gives a number one time, and true or false the other', place);
  const type = then.type === 'none' ? otherwise.type : then.type;
  return { kind: 'if', operands: [condition, then, otherwise], type };
}

function expectType(node: Node, type: ValueType, what: string, place: number): void {
  if (node.type === type || node.type === 'none') return;
  const [wanted, seen] = [type, node.type].map((one) => (one === 'number' ? 'a number' : 'true or false'));
  throw new ExpressionMistake(`${what} is of ${wanted ?? ''}, and this is ${seen ?? ''}`, place);
}

function countInWords(least: number, most: number): string {
  if (least === most) return least === 1 ? 'one number' : `${String(least)} numbers`;
  return most === MOST_OPERANDS
    ? `${String(least)} numbers or more`
    : `${String(least)} or ${String(most)} numbers`;
}

function unexpected({ kind, text, place }: Token, wanted: string): ExpressionMistake {
  return new ExpressionMistake(
    `${kind === 'end' ? 'ends' : `has ${text}`} where ${wanted} is expected`,
    place,
  );
}
