// Who answers on a bus, asked when somebody wants to know, with what is known of each address.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ScanReport, Sweep } from '../../../../bridge/requests/scan-bus.js';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { deviceHref } from '../pieces/address.js';
import { AddForm } from '../adding/form.js';
import type { Place } from '../adding/draft.js';
import { mayRequest, useSession, useSpeech } from '../pieces/session.js';
import { shortMomentText } from '../words/times.js';

type Outcome =
  | { readonly state: 'asking' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'done'; readonly report: ScanReport; readonly ts: number };

export function Scan({
  bus,
  devices,
}: {
  readonly bus: string;
  readonly devices: readonly Device[];
}): JSX.Element {
  const { api } = useSession();
  const { texts, locale } = useSpeech();
  const { buses } = texts;
  const [outcome, setOutcome] = useState<Outcome>();
  const isAsking = outcome?.state === 'asking';
  const ask = (): void => {
    if (isAsking) return;
    setOutcome({ state: 'asking' });
    api.scan(bus).then(
      (report) => {
        setOutcome({ state: 'done', report, ts: wallNow() });
      },
      (error: unknown) => {
        setOutcome({ state: 'failed', why: error instanceof Error ? error.message : String(error) });
      },
    );
  };
  return (
    <div class="scan">
      <button type="button" aria-disabled={isAsking} onClick={ask}>
        {buses.scan}
      </button>
      <p role="status">
        {isAsking && buses.scanning}
        {outcome?.state === 'failed' && <span class="fault">{buses.scanFailed(outcome.why)}</span>}
        {outcome?.state === 'done' && buses.scanned(shortMomentText(outcome.ts, locale, wallNow()))}
      </p>
      {outcome?.state === 'done' && (
        <>
          <Found sweep={outcome.report} devices={devices} place={{ bus }} />
          {outcome.report.behind
            ?.filter(({ found, missing }) => found.length + missing.length > 0)
            .map((sweep) => (
              <div key={`${sweep.mux}/${String(sweep.channel)}`}>
                <h3>{buses.behind(sweep.mux, sweep.channel)}</h3>
                <Found
                  sweep={sweep}
                  devices={devices}
                  place={{ bus, behind: { mux: sweep.mux, channel: sweep.channel } }}
                />
              </div>
            ))}
        </>
      )}
    </div>
  );
}

interface Seen {
  readonly address: string;
  readonly device?: string | undefined;
  readonly type?: string | undefined;
  readonly how: 'found' | 'stranger' | 'missing' | 'claimed' | 'failed';
}

function seenIn({ found, missing, claimed, failed }: Sweep): readonly Seen[] {
  const seen: Seen[] = [
    ...found.map(({ address, device, type, mux }): Seen => ({
      ...{ address, device, type: mux === true ? 'multiplexer' : type },
      how: device === undefined && mux !== true ? 'stranger' : 'found',
    })),
    ...missing.map(({ address, device }): Seen => ({ address, device, how: 'missing' })),
    ...claimed.map((address): Seen => ({ address, how: 'claimed' })),
    ...failed.map(({ address, message }): Seen => ({ address, type: message, how: 'failed' })),
  ];
  return seen.sort((a, b) => (a.address < b.address ? -1 : 1));
}

interface FoundProps {
  readonly sweep: Sweep;
  readonly devices: readonly Device[];
  readonly place: Omit<Place, 'address'>;
}

function Found({ sweep, devices, place }: FoundProps): JSX.Element {
  const { facts } = useSession();
  const { buses } = useSpeech().texts;
  return (
    <ul class="addresses">
      {seenIn(sweep).map(({ address, device, type, how }) => {
        const known = devices.find(({ id }) => id === device);
        return (
          <li key={address} class={how} data-address={address}>
            <code>{address}</code>{' '}
            {known === undefined ? (
              (device ?? '')
            ) : (
              <a href={deviceHref(known, facts.gateway)}>{known.meta.label}</a>
            )}{' '}
            <span class="quiet">{type}</span> <span>{buses[how]}</span>
            {how === 'stranger' && <Adding place={{ ...place, address }} />}
          </li>
        );
      })}
    </ul>
  );
}

/** Where the gateway may be told of it, and one has the right to. */
function Adding({ place }: { readonly place: Place }): JSX.Element | null {
  const session = useSession();
  const { adding } = useSpeech().texts;
  const [isOpen, setOpen] = useState(false);
  const { facts, site } = session;
  if (facts.edit !== true || !mayRequest(session, 'add_device')) return null;
  if (!isOpen)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {adding.open}
      </button>
    );
  const taken = [...site.devices.values()].flatMap(({ gateway, id }) =>
    gateway === facts.gateway ? id : [],
  );
  return <AddForm place={place} taken={taken} onClose={() => setOpen(false)} />;
}
