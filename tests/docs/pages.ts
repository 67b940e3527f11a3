// The pages of the documentation, as paths from the root.
import { filesOf, read } from '../support/repository.js';

export function pages(): string[] {
  return filesOf('docs').filter((path) => path.endsWith('.md'));
}

/** README and pages: where a word of the project may be explained. */
export function everyPage(): string[] {
  return ['README.md', ...pages()];
}

export interface Heading {
  readonly text: string;
  readonly anchor: string;
}

/** With the anchors that GitHub gives them. */
export function headings(path: string): Heading[] {
  return [...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => ({
    text,
    anchor: text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  }));
}

export function withoutCode(text: string): string {
  return text.replace(/^ *```[^\n]*\n[\s\S]*?^ *```/gm, '');
}
