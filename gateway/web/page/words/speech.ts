// The language of the page: its table of texts, its numbers, and what error codes mean in it.
import { ERROR_CODES, type ErrorCode } from '../../../../shared/errors.js';
import { english, type Texts } from './english.js';
import { GERMAN_REASONS } from './german-reasons.js';
import { german } from './german.js';
import type { ValueWords } from './numbers.js';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const TEXTS: Readonly<Record<Language, Texts>> = { en: english, de: german };

export interface Speech extends ValueWords {
  readonly language: Language;
  readonly texts: Texts;
  /** What a code means, in a sentence; the code itself where it is none of ours. */
  readonly reason: (code: string) => string;
}

/** `preferred`: a browser's languages, the dearest first. Its own way of writing numbers and times is kept. */
export function speechIn(language: Language, preferred: readonly string[]): Speech {
  const texts = TEXTS[language];
  const locale =
    preferred.find((tag) => tag.split('-')[0] === language) ?? (language === 'en' ? 'en-GB' : 'de-DE');
  const sentences: Readonly<Record<ErrorCode, string>> = language === 'de' ? GERMAN_REASONS : ERROR_CODES;
  const { on, off } = texts.command;
  return {
    ...{ language, texts, locale, on, off },
    reason: (code) => (Object.hasOwn(sentences, code) ? sentences[code as ErrorCode] : code),
  };
}

export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}
