// The Jinja templates that Home Assistant reads our messages and makes our commands with. All that stands in them is an id
// (a-z, 0-9, _, -), a number, or JSON, whose strings are strings of Jinja, whatever is in them.

/** After so long a command that was held up is not run any more. */
const COMMAND_LIVES_MS = 10_000;

/**
 * What a field was last read as. `values` alone is a method of Python's dict, a field that was not read yet has no key, and a
 * retained topic that is cleared comes as an empty payload, which is no JSON: of that nothing is said.
 */
export function fieldValue(field: string): string {
  return `{{ value_json['values'].get('${field}') if value_json is defined }}`;
}

/** `expression` of `v`, that field's value, or `nothing` where it has none: most platforms read None as unknown. */
export function ofField(field: string, expression: string, nothing = 'None'): string {
  return ofWhere(`value_json['values'].get('${field}')`, expression, nothing);
}

/** `expression` of `v`, the member of a message at that path, or unknown where it has none. */
export function ofMember(path: readonly string[], expression = 'v'): string {
  const [last = '', ...above] = path.toReversed();
  const from = above.toReversed().map((name) => `.get('${name}', {})`);
  return ofWhere(`value_json${from.join('')}.get('${last}')`, expression, 'None');
}

function ofWhere(value: string, expression: string, nothing: string): string {
  return `{% if value_json is defined %}{% set v = ${value} %}{{ '${nothing}' if v is none else ${expression} }}{% endif %}`;
}

/**
 * A command with the given arguments as JSON. Its id is no other's: two may leave within a millisecond, and a repeated id is
 * answered, not run.
 */
export function command(args: Readonly<Record<string, string>>): string {
  const now = '(now().timestamp() * 1000) | int';
  const id = `ha-{{ ${now} }}-{{ range(10000, 99999) | random }}`;
  const given = Object.entries(args).map(([name, value]) => `"${name}":${value}`);
  return `{"id":"${id}","args":{${given.join()}},"expires":{{ ${now} + ${String(COMMAND_LIVES_MS)} }}}`;
}
