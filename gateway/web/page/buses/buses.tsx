// The buses: how full they are now, what waits, what helped them, and which device takes how much.
import type { JSX } from 'preact';
import type { Device, ShownBus } from '../live/model.js';
import { deviceHref } from '../pieces/address.js';
import { mayRequest, useChannel, useSession, useSpeech } from '../pieces/session.js';
import { numberText } from '../words/numbers.js';
import { Scan } from './scan.js';

export function Buses(): JSX.Element {
  const { site } = useSession();
  const { texts } = useSpeech();
  useChannel('buses');
  useChannel('devices');
  const all = [...site.gateways.values()].flatMap(({ id, buses }) =>
    [...buses.values()].map((bus) => ({ gateway: id, bus })),
  );
  return (
    <>
      <h1>{texts.buses.title}</h1>
      {all.length === 0 && <p class="quiet">{texts.buses.nothing}</p>}
      {all.map(({ gateway, bus }) => (
        <Bus key={`${gateway}/${bus.id}`} gateway={gateway} bus={bus} />
      ))}
    </>
  );
}

function Bus({ gateway, bus }: { readonly gateway: string; readonly bus: ShownBus }): JSX.Element {
  const session = useSession();
  const { texts } = useSpeech();
  const { site, facts } = session;
  const devices = [...site.devices.values()].filter(
    (one) => one.gateway === gateway && one.meta.bus === bus.id,
  );
  const isOwn = gateway === facts.gateway;
  const title = site.gateways.size < 2 ? bus.id : `${gateway} / ${bus.id}`;
  const state = bus.state === 'unknown' ? texts.states.unknown : texts.buses[bus.state];
  const tone = bus.state === 'up' ? (bus.isOverloaded ? 'degraded' : 'online') : 'offline';
  return (
    <section class="bus" data-bus={bus.id}>
      <header>
        <h2>{title}</h2>
        <span class={`badge ${tone}`}>{bus.isOverloaded ? texts.buses.overloaded : state}</span>
      </header>
      <Numbers bus={bus} />
      <ByDevice devices={devices} />
      {isOwn && mayRequest(session, 'scan') && <Scan bus={bus.id} devices={devices} />}
    </section>
  );
}

function Numbers({ bus }: { readonly bus: ShownBus }): JSX.Element {
  const { texts, locale } = useSpeech();
  const { buses } = texts;
  const percent = (share: number | undefined): string =>
    share === undefined ? '–' : `${numberText(share * 100, locale, 1)} %`;
  const { utilisation, scheduled, measured, waiting, transactions, failures, recovery } = bus;
  const failed = failures === undefined ? '' : ` (${buses.failures(numberText(failures, locale))})`;
  const steps = recovery.map(([step, count]) => `${step} ${String(count)}`).join(', ');
  return (
    <dl class="numbers">
      <div>
        <dt>{buses.load}</dt>
        <dd>
          <strong class="load">{percent(utilisation)}</strong>
          <meter min={0} max={1} high={0.8} value={utilisation ?? 0} aria-label={buses.load} />
        </dd>
      </div>
      <div>
        <dt>{buses.schedule}</dt>
        <dd>
          {percent(measured)} {buses.measured}, {percent(scheduled)} {buses.byBytes}
        </dd>
      </div>
      <div>
        <dt>{buses.waiting}</dt>
        <dd>{buses.waitingOf(waiting.command, waiting.poll)}</dd>
      </div>
      <div>
        <dt>{buses.transactions}</dt>
        <dd>
          {transactions === undefined ? '–' : numberText(transactions, locale)}
          {failed}
        </dd>
      </div>
      <div>
        <dt>{buses.recoveries}</dt>
        <dd>{steps === '' ? buses.none : steps}</dd>
      </div>
    </dl>
  );
}

function ByDevice({ devices }: { readonly devices: readonly Device[] }): JSX.Element | null {
  const { facts } = useSession();
  const { texts, locale } = useSpeech();
  const { buses, overview } = texts;
  const taking = [...devices].sort((a, b) => (b.traffic?.share ?? 0) - (a.traffic?.share ?? 0));
  if (taking.length === 0) return null;
  const ms = (value: number | undefined): string =>
    value === undefined ? '–' : `${numberText(value, locale, 1)} ms`;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={buses.devices}>
      <table class="lines">
        <thead>
          <tr>
            {[overview.device, buses.share, buses.each, buses.longest, buses.transactions].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {taking.map((device) => (
            <tr key={device.key}>
              <th scope="row">
                <a href={deviceHref(device, facts.gateway)}>{device.meta.label}</a>
              </th>
              <td>
                {device.traffic === undefined
                  ? '–'
                  : `${numberText(device.traffic.share * 100, locale, 2)} %`}
              </td>
              <td>{ms(device.traffic?.meanMs)}</td>
              <td>{ms(device.traffic?.longestMs)}</td>
              <td>
                {device.traffic === undefined
                  ? '–'
                  : `${String(device.traffic.transactions)} (${buses.failures(String(device.traffic.failures))})`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
