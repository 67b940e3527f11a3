// All of one device, at an address of its own.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { DeviceAlarms } from '../alarms/of-device.js';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { Badge } from '../pieces/badge.js';
import { conditionOf, conditionText } from '../pieces/condition.js';
import { Lines } from '../pieces/lines.js';
import { Reason } from '../pieces/reason.js';
import { useChannel, useSession, useSpeech } from '../pieces/session.js';
import { useLogbook } from '../pieces/use-logbook.js';
import { fieldsOf } from '../pieces/value.js';
import { durationText } from '../words/times.js';
import { Charts } from './charts.js';
import { Commands } from './commands.js';
import { Faults } from './faults.js';
import { endsOf, RANGE_MS, type Span } from './span.js';
import { Values } from './values.js';

export function DevicePage({ gateway, id }: { readonly gateway: string; readonly id: string }): JSX.Element {
  const { site } = useSession();
  const { texts } = useSpeech();
  useChannel('devices');
  const device = site.devices.get(`${gateway}/${id}`);
  return (
    <>
      <p>
        <a href="#/">← {texts.device.back}</a>
      </p>
      {device === undefined ? (
        <p id="none">{texts.device.missing(id)}</p>
      ) : (
        <Whole key={device.key} device={device} />
      )}
    </>
  );
}

/** Further back than charts reach. */
const LOGBOOK_MS = RANGE_MS.day;

function Whole({ device }: { readonly device: Device }): JSX.Element {
  const { site } = useSession();
  const speech = useSpeech();
  useChannel(device.key);
  const [span, setSpan] = useState<Span>({ kind: 'live', ms: RANGE_MS.hour });
  const { from } = endsOf(span, wallNow());
  // By whole days, so that a step to the side does not ask anew.
  const sinceMs = Math.max(LOGBOOK_MS, Math.ceil((wallNow() - from) / LOGBOOK_MS) * LOGBOOK_MS);
  const logbook = useLogbook(sinceMs, device);
  const { texts } = speech;
  const condition = conditionOf(device, site, wallNow());
  const drawn = fieldsOf(device).filter(({ id }) => typeof device.state.values.get(id) !== 'string');
  const { label, type, bus, address, intervalMs } = device.meta;
  const every = intervalMs === undefined ? undefined : texts.device.every(durationText(intervalMs));
  return (
    <article class="device" data-device={device.id}>
      <header>
        <h1>{label}</h1>
        <Badge condition={condition} text={conditionText(condition, site, speech)} />
      </header>
      <p class="quiet about">{[device.key, type, bus, address, every].filter(Boolean).join(' · ')}</p>
      <Reason device={device} condition={condition} />
      <DeviceAlarms device={device} />
      <div class="two">
        <Values device={device} condition={condition} />
        <Commands device={device} />
      </div>
      <section aria-labelledby="course">
        <h2 id="course">{texts.device.course}</h2>
        <Charts device={device} fields={drawn} span={span} onSpan={setSpan} lines={logbook.lines} />
      </section>
      <Faults device={device} />
      <section aria-labelledby="logbook">
        <h2 id="logbook">{texts.device.logbook}</h2>
        {logbook.fault !== undefined && <p class="fault">{texts.happenings.failed(logbook.fault)}</p>}
        {logbook.lines.length === 0 ? (
          <p class="quiet">{logbook.isAsking ? texts.happenings.loading : texts.happenings.nothing}</p>
        ) : (
          <Lines lines={logbook.lines.slice(0, MOST_LINES)} label={texts.device.logbook} withDevice={false} />
        )}
      </section>
    </article>
  );
}

const MOST_LINES = 50;
