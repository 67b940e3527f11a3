// Devices as a dense table: a line each.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { deviceHref } from '../pieces/address.js';
import { Age } from '../pieces/age.js';
import { askTrends } from '../pieces/ask-trends.js';
import { Badge } from '../pieces/badge.js';
import { conditionOf, conditionText, isFaded } from '../pieces/condition.js';
import { Reason } from '../pieces/reason.js';
import { useChannel, useSession, useSpeech } from '../pieces/session.js';
import { fieldsOf, FieldValue } from '../pieces/value.js';

export function Table({ devices }: { readonly devices: readonly Device[] }): JSX.Element {
  const { overview } = useSpeech().texts;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={overview.title}>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">{overview.device}</th>
            <th scope="col">{overview.state}</th>
            <th scope="col">{overview.values}</th>
            <th scope="col">{overview.read}</th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <Line key={device.key} device={device} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ device }: { readonly device: Device }): JSX.Element {
  const session = useSession();
  const speech = useSpeech();
  const element = useRef<HTMLTableRowElement>(null);
  useChannel(device.key);
  useEffect(() => (element.current === null ? undefined : askTrends(session, device, element.current)), []);
  const { site, facts } = session;
  const condition = conditionOf(device, site, wallNow());
  return (
    <tr ref={element} data-device={device.id} class={isFaded(device, condition) ? 'faded' : ''}>
      <th scope="row">
        <a href={deviceHref(device, facts.gateway)}>{device.meta.label}</a>
        <span class="quiet"> {device.gateway === facts.gateway ? device.id : device.key}</span>
      </th>
      <td>
        <Badge condition={condition} text={conditionText(condition, site, speech)} />
        <Reason device={device} condition={condition} brief />
      </td>
      <td>
        <ul class="values">
          {fieldsOf(device).map((field) => (
            <li key={field.id} data-field={field.id}>
              <span class="quiet">{field.label}</span> <FieldValue device={device} field={field} />
            </li>
          ))}
        </ul>
      </td>
      <td>
        <Age ts={device.state.ts} gateway={device.gateway} />
      </td>
    </tr>
  );
}
