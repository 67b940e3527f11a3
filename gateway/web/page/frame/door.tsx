// The way in: what the gateway says of itself, a login where it wants one, and then the page.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Api, AskError } from '../ask/api.js';
import { keepLogin, type Login } from '../ask/login.js';
import { afterMs } from '../live/ticks.js';
import { SessionContext, SpeechContext, useSpeech } from '../pieces/session.js';
import type { Preferences } from '../settings/preferences.js';
import { speechIn, type Speech } from '../words/speech.js';
import { App } from './app.js';
import { LoginForm } from './login-form.js';
import { openSession, type OpenSession } from './open-session.js';

/** A gateway that starts has no answer yet. */
const RETRY_MS = 3000;

type Stage =
  | { readonly at: 'asking' }
  | { readonly at: 'login'; readonly isBroker: boolean; readonly fault?: string; readonly isBusy?: true }
  | { readonly at: 'failed'; readonly why: string }
  | { readonly at: 'in'; readonly open: OpenSession };

interface DoorProps {
  readonly preferences: Preferences;
  /** Kept of before, or in the page's address. */
  readonly kept: Login | undefined;
}

export function Door({ preferences, kept }: DoorProps): JSX.Element {
  const { language } = preferences.choices;
  const speech = useMemo(() => speechIn(language, navigator.languages), [language]);
  const [login, setLogin] = useState(kept);
  const [stage, setStage] = useState<Stage>({ at: 'asking' });
  const [attempt, setAttempt] = useState(1);
  useEffect(() => {
    const entering = { isOver: false };
    let opened: OpenSession | undefined;
    let callOff = (): void => undefined;
    setStage((before) => {
      if (before.at === 'login') return { ...before, isBusy: true };
      return before.at === 'failed' ? before : { at: 'asking' };
    });
    enter({ preferences, login, speech, again: setLogin, onStage: setStage, entering }).then(
      (open) => {
        opened = open;
      },
      (error: unknown) => {
        if (entering.isOver) return;
        setStage({ at: 'failed', why: error instanceof Error ? error.message : String(error) });
        callOff = afterMs(RETRY_MS, () => {
          setAttempt(attempt + 1);
        });
      },
    );
    return () => {
      entering.isOver = true;
      callOff();
      opened?.end();
    };
  }, [login, attempt]);
  return (
    <SpeechContext.Provider value={speech}>
      <Shown stage={stage} onLogin={setLogin} />
    </SpeechContext.Provider>
  );
}

interface Entering {
  readonly preferences: Preferences;
  readonly login: Login | undefined;
  readonly speech: Speech;
  readonly again: (login: Login | undefined) => void;
  readonly onStage: (stage: Stage) => void;
  readonly entering: { readonly isOver: boolean };
}

async function enter(options: Entering): Promise<OpenSession | undefined> {
  const { preferences, login, speech, again, onStage, entering } = options;
  const { wrong } = speech.texts.login;
  const api = new Api(location.origin, login);
  const facts = await api.facts().catch((error: unknown) => {
    if (error instanceof AskError && error.status === 401) return undefined;
    throw error;
  });
  if (entering.isOver) return undefined;
  if (facts === undefined || !('gateway' in facts)) {
    keepLogin(sessionStorage, undefined);
    onStage({ at: 'login', isBroker: false, ...(login === undefined ? {} : { fault: wrong }) });
    return undefined;
  }
  keepLogin(sessionStorage, login);
  const open = openSession({
    ...{ facts, api, login, preferences },
    onRefused: () => {
      keepLogin(sessionStorage, undefined);
      open.end();
      const isBroker = facts.needsUser !== true;
      onStage({ at: 'login', isBroker, ...(login === undefined ? {} : { fault: wrong }) });
    },
    logOut: () => {
      keepLogin(sessionStorage, undefined);
      again(undefined);
    },
  });
  onStage({ at: 'in', open });
  return open;
}

interface ShownProps {
  readonly stage: Stage;
  readonly onLogin: (login: Login) => void;
}

function Shown({ stage, onLogin }: ShownProps): JSX.Element {
  const speech = useSpeech();
  if (stage.at === 'in')
    return (
      <SessionContext.Provider value={stage.open.session}>
        <App />
      </SessionContext.Provider>
    );
  if (stage.at === 'login')
    return (
      <LoginForm
        isBroker={stage.isBroker}
        fault={stage.fault}
        isBusy={stage.isBusy === true}
        onLogin={onLogin}
      />
    );
  const { connection } = speech.texts;
  return (
    <main id="content">
      <p id="none">
        {stage.at === 'failed' ? connection.pageFailed(stage.why) : `${connection.connecting}…`}
      </p>
    </main>
  );
}
