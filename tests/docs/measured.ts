// The parts of the documentation that are written from what was measured: from a marker to `<!-- to here -->`.

const END = '<!-- to here -->';

/** The page with `text` in place of what stands behind the marker. */
export function replacePart(page: string, begin: string, text: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`the page lacks its markers: "${begin}" … "${END}"`);
  return `${page.slice(0, from)}${begin}\n${text}${page.slice(to)}`;
}
