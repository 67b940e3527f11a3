// What stands above every page: where one is, where one can go, whether it is live, and who one is.
import type { JSX } from 'preact';
import type { Address } from '../pieces/address.js';
import { useChannel, useSession, useSpeech } from '../pieces/session.js';
import { Look } from './look.js';

const PAGES = [
  ['overview', '#/'],
  ['happenings', '#/happenings'],
  ['buses', '#/buses'],
] as const;

export function Header({ view }: { readonly view: Address['view'] }): JSX.Element {
  const { facts, user, logOut } = useSession();
  const { texts } = useSpeech();
  return (
    <header class="top">
      <p class="name">
        <strong id="gateway">{facts.gateway}</strong>
        <ConnectionBadge />
      </p>
      <nav aria-label={texts.nav.label}>
        {PAGES.map(([page, href]) => (
          <a key={page} href={href} {...(view === page ? { 'aria-current': 'page' } : {})}>
            {texts.nav[page]}
          </a>
        ))}
      </nav>
      <div class="who">
        {user !== undefined && <span id="user">{texts.login.as(user)}</span>}
        {logOut !== undefined && (
          <button type="button" id="logout" onClick={logOut}>
            {texts.login.logout}
          </button>
        )}
        <Look />
      </div>
    </header>
  );
}

function ConnectionBadge(): JSX.Element {
  const { site, facts } = useSession();
  const { connection } = useSpeech().texts;
  useChannel('connection');
  useChannel('states');
  const isOffline = site.gateways.get(facts.gateway)?.state === 'offline';
  const { connected, whyAway } = site;
  let text = connection[connected];
  if (connected === 'live' && isOffline) text = connection.gatewayOffline;
  if (connected === 'away' && whyAway !== undefined) text = connection.failed(whyAway);
  const tone =
    connected === 'live' && !isOffline ? 'online' : connected === 'connecting' ? 'unknown' : 'offline';
  return (
    <span id="connection" class={`badge ${tone}`} role="status">
      {text}
    </span>
  );
}
