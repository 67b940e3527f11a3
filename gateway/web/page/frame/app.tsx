// The page for somebody who was let in: what stands at the address, between what stands on every page.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Buses } from '../buses/buses.js';
import { DevicePage } from '../device/view.js';
import { Happenings } from '../happenings/happenings.js';
import { Overview } from '../overview/overview.js';
import { addressIn, type Address } from '../pieces/address.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { Announcer } from './announcer.js';
import { Footer } from './footer.js';
import { Header } from './header.js';

export function App(): JSX.Element {
  const { facts } = useSession();
  const { texts } = useSpeech();
  const address = useAddress();
  const isWall = address.view === 'wall';
  useEffect(() => {
    const where =
      address.view === 'device'
        ? address.device
        : texts.nav[address.view === 'wall' ? 'overview' : address.view];
    document.title = `${where} – ${facts.gateway}`;
    document.documentElement.dataset['wall'] = String(isWall);
  }, [address, texts, facts, isWall]);
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        {texts.skip}
      </a>
      {isWall ? (
        <p class="leave">
          <button type="button" onClick={fillScreen}>
            {texts.look.fullscreen}
          </button>
          <a href="#/">{texts.look.leaveWall}</a>
        </p>
      ) : (
        <Header view={address.view} />
      )}
      <main id="content" tabIndex={-1}>
        <View address={address} />
      </main>
      {!isWall && <Footer />}
      <Announcer />
    </>
  );
}

/** A browser that does not let it has a key of its own for it. */
function fillScreen(): void {
  document.documentElement.requestFullscreen().catch(() => undefined);
}

/** The address of the page is its `#`: a link to a place in it would lead elsewhere. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content')?.focus();
}

function View({ address }: { readonly address: Address }): JSX.Element {
  const { facts } = useSession();
  switch (address.view) {
    case 'device':
      return <DevicePage gateway={address.gateway ?? facts.gateway} id={address.device} />;
    case 'happenings':
      return <Happenings />;
    case 'buses':
      return <Buses />;
    case 'overview':
    case 'wall':
      return <Overview isWall={address.view === 'wall'} />;
  }
}

function useAddress(): Address {
  const [address, setAddress] = useState(() => addressIn(location.hash));
  useEffect(() => {
    const go = (): void => {
      setAddress(addressIn(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', go);
    return () => {
      removeEventListener('hashchange', go);
    };
  }, []);
  return address;
}
