// What needs attention now, above all else: gateways, buses, outputs and devices, worst first.
import type { ComponentChildren, JSX } from 'preact';
import { AlarmItem } from '../alarms/item.js';
import { raisedOf, type RaisedAlarm } from '../alarms/raised.js';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { deviceHref } from '../pieces/address.js';
import { Badge } from '../pieces/badge.js';
import { conditionOf, conditionText } from '../pieces/condition.js';
import { Reason } from '../pieces/reason.js';
import { useChannel, useSession, useSpeech, type Session } from '../pieces/session.js';
import type { Speech } from '../words/speech.js';

const MOST_SHOWN = 5;
const MOST_ALARMS = 10;
const RANK = { offline: 0, degraded: 1 } as const;

export function WrongNow(): JSX.Element {
  const session = useSession();
  const speech = useSpeech();
  useChannel('states');
  const { texts } = speech;
  const devices = ailing(session);
  const alarms = raisedNow(session);
  const sentences = troubles(session, speech);
  const { length: count } = devices;
  const { site } = session;
  const isWell = count === 0 && sentences.length === 0 && alarms.length === 0;
  const summary = site.connected === 'live' ? texts.wrong.well(site.devices.size) : texts.wrong.waiting;
  return (
    <section class={isWell ? 'wrong well' : 'wrong'} aria-labelledby="wrong-title">
      <h2 id="wrong-title" class={isWell ? 'visually-hidden' : ''}>
        {texts.wrong.title}
      </h2>
      {isWell && <p>{summary}</p>}
      {!isWell && (
        <ul>
          {sentences.map((sentence) => (
            <Item key={sentence}>{sentence}</Item>
          ))}
          {alarms.slice(0, MOST_ALARMS).map(({ device, alarm }) => (
            <Item key={`${device.key}/${alarm.id}`}>
              <AlarmItem device={device} alarm={alarm} withDevice />
            </Item>
          ))}
          {alarms.length > MOST_ALARMS && <Item>{texts.alarms.more(alarms.length - MOST_ALARMS)}</Item>}
          {devices.slice(0, MOST_SHOWN).map((device) => (
            <AilingDevice key={device.key} device={device} />
          ))}
          {count > MOST_SHOWN && <Item>{texts.wrong.more(count - MOST_SHOWN)}</Item>}
        </ul>
      )}
    </section>
  );
}

function AilingDevice({ device }: { readonly device: Device }): JSX.Element {
  const { site, facts } = useSession();
  const speech = useSpeech();
  const condition = conditionOf(device, site, wallNow());
  return (
    <Item>
      <header>
        <a href={deviceHref(device, facts.gateway)}>{device.meta.label}</a>
        <Badge condition={condition} text={conditionText(condition, site, speech)} />
      </header>
      <Reason device={device} condition={condition} />
    </Item>
  );
}

function Item({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <li>{children}</li>;
}

/** Devices that are not well, of gateways that are there. */
function ailing({ site }: Session): readonly Device[] {
  const now = wallNow();
  return [...site.devices.values()]
    .flatMap((device) => {
      const condition = conditionOf(device, site, now);
      return condition === 'offline' || condition === 'degraded' ? [{ device, rank: RANK[condition] }] : [];
    })
    .sort((a, b) => a.rank - b.rank || (a.device.key < b.device.key ? -1 : 1))
    .map(({ device }) => device);
}

/** Of gateways that are there: what was raised when one went is not what is now. */
function raisedNow({ site }: Session): readonly RaisedAlarm[] {
  const now = wallNow();
  return raisedOf(site.devices.values()).filter(({ device }) => conditionOf(device, site, now) !== 'away');
}

function troubles({ site }: Session, { texts: { wrong } }: Speech): readonly string[] {
  const isOne = site.gateways.size < 2;
  return [...site.gateways.values()].flatMap((gateway) => {
    const name = (sentence: string): string => (isOne ? sentence : `${gateway.id}: ${sentence}`);
    if (gateway.state === 'offline') return [name(wrong.gatewayAway)];
    const buses = [...gateway.buses.values()].flatMap((bus) => {
      if (bus.state === 'down') return [name(wrong.busDown(bus.id))];
      return bus.isOverloaded ? [name(wrong.busOverloaded(bus.id))] : [];
    });
    const leftOn = gateway.leftOn.length === 0 ? [] : [name(wrong.leftOn(gateway.leftOn.join(', ')))];
    const store = gateway.storeTrouble === undefined ? [] : [name(wrong.store(gateway.storeTrouble))];
    const { refused, needsRestart } = gateway.file;
    const file = refused === undefined ? [] : [name(wrong.refused(refused.mistake, refused.more))];
    const restart = needsRestart.length === 0 ? [] : [name(wrong.needsRestart(needsRestart.join(', ')))];
    return [...buses, ...leftOn, ...store, ...file, ...restart];
  });
}
