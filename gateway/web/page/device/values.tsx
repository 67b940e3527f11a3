// The values of a device, with what is believed of each, and how old they are.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Device, ShownField } from '../live/model.js';
import { Age } from '../pieces/age.js';
import { askTrends } from '../pieces/ask-trends.js';
import { isFaded, type Condition } from '../pieces/condition.js';
import { skewOf, useSession, useSpeech } from '../pieces/session.js';
import { Sparkline } from '../pieces/sparkline.js';
import { fieldsOf, FieldValue } from '../pieces/value.js';
import { numberText } from '../words/numbers.js';

interface ValuesProps {
  readonly device: Device;
  readonly condition: Condition;
}

export function Values({ device, condition }: ValuesProps): JSX.Element {
  const session = useSession();
  const { texts } = useSpeech();
  const element = useRef<HTMLElement>(null);
  useEffect(() => (element.current === null ? undefined : askTrends(session, device, element.current)), []);
  return (
    <section ref={element} aria-labelledby="values" class={isFaded(device, condition) ? 'faded' : ''}>
      <h2 id="values">{texts.device.values}</h2>
      <table class="wide">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">{texts.device.field}</th>
            <th scope="col">{texts.device.course}</th>
            <th scope="col">{texts.device.value}</th>
            <th scope="col">{texts.device.limits}</th>
          </tr>
        </thead>
        <tbody>
          {fieldsOf(device).map((field) => (
            <Row key={field.id} device={device} field={field} />
          ))}
        </tbody>
      </table>
      <p class="quiet read">
        {texts.overview.read} <Age ts={device.state.ts} gateway={device.gateway} />
      </p>
    </section>
  );
}

function Row({ device, field }: { readonly device: Device; readonly field: ShownField }): JSX.Element {
  const session = useSession();
  const { texts, locale, reason } = useSpeech();
  const { min, max } = field;
  const code = device.state.errors.get(field.id);
  const limits =
    min === undefined || max === undefined
      ? ''
      : texts.command.limits(numberText(min, locale), numberText(max, locale));
  return (
    <tr data-field={field.id}>
      <th scope="row">
        {field.label}
        {code !== undefined && <p class="fault">{reason(code)}</p>}
      </th>
      <td class="trend">
        {device.trends.has(field.id) && (
          <Sparkline trend={session.site.trend(device, field.id)} skewMs={skewOf(session, device.gateway)} />
        )}
      </td>
      <td class="number">
        <FieldValue device={device} field={field} />
      </td>
      <td class="quiet limits">{limits}</td>
    </tr>
  );
}
