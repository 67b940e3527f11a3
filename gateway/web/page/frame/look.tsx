// How the page looks: colours, language, the view for a wall.
import type { JSX } from 'preact';
import { Choice } from '../pieces/choice.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { THEMES } from '../settings/preferences.js';
import { LANGUAGES, TEXTS } from '../words/speech.js';

/** Whoever goes elsewhere is done with it. */
function closeBehind(menu: HTMLDetailsElement, next: EventTarget | null): void {
  if (!(next instanceof Node && menu.contains(next))) menu.open = false;
}

export function Look(): JSX.Element {
  const { preferences } = useSession();
  const { texts } = useSpeech();
  const { look } = texts;
  const { theme, language } = preferences.choices;
  return (
    <details class="look" onFocusOut={(event) => closeBehind(event.currentTarget, event.relatedTarget)}>
      <summary>{look.label}</summary>
      <div class="menu">
        <Choice
          label={look.theme}
          value={theme}
          options={THEMES.map((one) => [one, look.themes[one]] as const)}
          onChoose={(chosen) => preferences.choose({ theme: chosen })}
        />
        <Choice
          label={look.language}
          value={language}
          options={LANGUAGES.map((one) => [one, TEXTS[one].language] as const)}
          onChoose={(chosen) => preferences.choose({ language: chosen })}
        />
        <a href="#/wall">{look.wall}</a>
      </div>
    </details>
  );
}
