// The value of an expression: a number or a truth, or why there is none.
import type { ErrorCode } from '../../errors.js';
import type { Expression, Node } from './parse.js';

/** What a name is now: its value, or why it has none. */
export type Scope = (name: string) => number | boolean | { readonly error: ErrorCode };

/** Ends an evaluation early; never leaves this file. */
class Missing extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

/** `no_value` where it is none; the error of a name that it needs and that has no value. NaN and infinity are values here. */
export function evaluate(
  { tree }: Expression,
  scope: Scope,
): number | boolean | { readonly error: ErrorCode } {
  try {
    return valueOf(tree, scope);
  } catch (thrown) {
    if (thrown instanceof Missing) return { error: thrown.code };
    throw thrown;
  }
}

function valueOf(node: Node, scope: Scope): number | boolean {
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'none':
      throw new Missing('no_value');
    case 'name': {
      const value = scope(node.name);
      if (typeof value === 'object') throw new Missing(value.error);
      return value;
    }
    case 'if': {
      const [condition, then, otherwise] = node.operands;
      return valueOf(valueOf(condition, scope) === true ? then : otherwise, scope);
    }
    case 'not':
      return !node.operands.some((operand) => valueOf(operand, scope) === true);
    case 'and':
      return node.operands.every((operand) => valueOf(operand, scope) === true);
    case 'or':
      return node.operands.some((operand) => valueOf(operand, scope) === true);
    case 'run':
      return node.operation.run(...node.operands.map((operand) => Number(valueOf(operand, scope))));
  }
}
