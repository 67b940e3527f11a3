// What one person has chosen of the page, kept by the browser.
import { LANGUAGES, languageOf, type Language } from '../words/speech.js';

export const THEMES = ['auto', 'light', 'dark'] as const;
export const VIEWS = ['cards', 'table'] as const;
export const GROUPS = ['none', 'gateway', 'type', 'bus', 'state'] as const;

export interface Choices {
  readonly theme: (typeof THEMES)[number];
  readonly language: Language;
  readonly view: (typeof VIEWS)[number];
  readonly group: (typeof GROUPS)[number];
  /** What one is called where nobody logs in. */
  readonly name: string;
}

/** Where a browser keeps texts. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

const KEY = 'i2c-mqtt-gateway';

export class Preferences {
  #choices: Choices;
  readonly #storage: Shelf;
  readonly #onChange: () => void;

  constructor(storage: Shelf, languages: readonly string[], onChange: () => void) {
    this.#storage = storage;
    this.#onChange = onChange;
    this.#choices = cleaned(kept(storage), languages);
  }

  get choices(): Choices {
    return this.#choices;
  }

  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change };
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#choices));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
    this.#onChange();
  }
}

function kept(storage: Shelf): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Nothing that can be read was kept.
    return {};
  }
}

function cleaned(given: Record<string, unknown>, languages: readonly string[]): Choices {
  return {
    theme: oneOf(THEMES, given['theme']) ?? 'auto',
    language: oneOf(LANGUAGES, given['language']) ?? languageOf(languages),
    view: oneOf(VIEWS, given['view']) ?? 'cards',
    group: oneOf(GROUPS, given['group']) ?? 'none',
    name: typeof given['name'] === 'string' ? given['name'].slice(0, 64) : '',
  };
}

export function oneOf<T extends string>(list: readonly T[], value: unknown): T | undefined {
  return list.find((one) => one === value);
}
