// Who is there? Asked where the gateway, or the broker, lets in nobody without a name.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Login } from '../ask/login.js';
import { useSpeech } from '../pieces/session.js';

interface LoginFormProps {
  /** Whether it is the broker that asks. */
  readonly isBroker: boolean;
  readonly fault: string | undefined;
  readonly isBusy: boolean;
  readonly onLogin: (login: Login) => void;
}

export function LoginForm({ isBroker, fault, isBusy, onLogin }: LoginFormProps): JSX.Element {
  const { login } = useSpeech().texts;
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  return (
    <main id="content" class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onLogin({ user, password });
        }}
      >
        <h1>{login.title}</h1>
        <p class="quiet">{isBroker ? login.brokerLead : login.lead}</p>
        <label>
          {login.user}
          <input
            name="user"
            type="text"
            autocomplete="username"
            autocapitalize="none"
            required
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </label>
        <label>
          {login.password}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {login.submit}
        </button>
        <p role="alert" class="fault">
          {isBusy ? '' : fault}
        </p>
      </form>
    </main>
  );
}
