// One device as a card: what it is, whether it is there, and what it last said.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Device, ShownField } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { deviceHref } from '../pieces/address.js';
import { Age } from '../pieces/age.js';
import { askTrends } from '../pieces/ask-trends.js';
import { Badge } from '../pieces/badge.js';
import { conditionOf, conditionText, isFaded } from '../pieces/condition.js';
import { Reason } from '../pieces/reason.js';
import { skewOf, useChannel, useSession, useSpeech } from '../pieces/session.js';
import { Sparkline } from '../pieces/sparkline.js';
import { fieldsOf, FieldValue } from '../pieces/value.js';

export function Card({ device }: { readonly device: Device }): JSX.Element {
  const session = useSession();
  const speech = useSpeech();
  const element = useRef<HTMLElement>(null);
  useChannel(device.key);
  useEffect(() => (element.current === null ? undefined : askTrends(session, device, element.current)), []);
  const { site, facts } = session;
  const condition = conditionOf(device, site, wallNow());
  const { label, type, bus, address } = device.meta;
  const place = device.gateway === facts.gateway ? device.id : device.key;
  return (
    <article ref={element} class={isFaded(device, condition) ? 'card faded' : 'card'} data-device={device.id}>
      <header>
        <h3>
          <a href={deviceHref(device, facts.gateway)}>{label}</a>
        </h3>
        <Badge condition={condition} text={conditionText(condition, site, speech)} />
      </header>
      <p class="quiet about">{[place, type, bus, address].filter(Boolean).join(' · ')}</p>
      <Reason device={device} condition={condition} brief />
      <table>
        <tbody>
          {fieldsOf(device).map((field) => (
            <Row key={field.id} device={device} field={field} />
          ))}
        </tbody>
      </table>
      <p class="quiet read">
        {speech.texts.overview.read} <Age ts={device.state.ts} gateway={device.gateway} />
      </p>
    </article>
  );
}

function Row({ device, field }: { readonly device: Device; readonly field: ShownField }): JSX.Element {
  const session = useSession();
  const isNumber = device.trends.has(field.id);
  return (
    <tr data-field={field.id}>
      <th scope="row">{field.label}</th>
      <td class="trend">
        {isNumber && (
          <Sparkline trend={session.site.trend(device, field.id)} skewMs={skewOf(session, device.gateway)} />
        )}
      </td>
      <td class="number">
        <FieldValue device={device} field={field} />
      </td>
    </tr>
  );
}
