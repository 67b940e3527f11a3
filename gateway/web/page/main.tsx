// The page: an MQTT client like any other. What it shows comes from the gateway and its broker, nothing from elsewhere.
import { render } from 'preact';
import { keptLogin, loginInAddress } from './ask/login.js';
import { Door } from './frame/door.js';
import { Preferences } from './settings/preferences.js';

const place = document.querySelector('#page');
if (place === null) throw new Error('the page has no place to be drawn in');

const kept = loginInAddress(document.URL) ?? keptLogin(sessionStorage);

const preferences = new Preferences(localStorage, navigator.languages, show);

function show(): void {
  const { theme, language } = preferences.choices;
  document.documentElement.lang = language;
  document.documentElement.dataset['theme'] = theme;
  if (place !== null) render(<Door preferences={preferences} kept={kept} />, place);
}

show();
