// What a device has done wrong since the gateway started, by cause, with the last bytes.
import type { JSX } from 'preact';
import type { Device, ShownFault } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { useSpeech } from '../pieces/session.js';
import { numberText } from '../words/numbers.js';
import { momentText, shortMomentText } from '../words/times.js';

export function Faults({ device }: { readonly device: Device }): JSX.Element {
  const { texts } = useSpeech();
  const faults = [...device.faults].sort((a, b) => (b.ts ?? 0) - (a.ts ?? 0));
  return (
    <section aria-labelledby="faults">
      <h2 id="faults">{texts.device.errors}</h2>
      {faults.length === 0 ? (
        <p class="quiet">{texts.device.noErrors}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={texts.device.errors}>
          <table class="lines">
            <thead>
              <tr>
                {(['cause', 'count', 'share', 'last', 'bytes'] as const).map((column) => (
                  <th key={column} scope="col">
                    {texts.device[column]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {faults.map((fault) => (
                <FaultRow key={fault.code} fault={fault} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function FaultRow({ fault }: { readonly fault: ShownFault }): JSX.Element {
  const { texts, locale, reason } = useSpeech();
  const { code, count, share, ts, bytes, message, hint } = fault;
  return (
    <tr data-fault={code}>
      <td>
        <strong>{code}</strong> {reason(code)}
        {message !== undefined && (
          <p class="quiet" lang="en">
            {message}
          </p>
        )}
        {hint !== undefined && (
          <p class="quiet">
            {texts.wrong.hint}: <span lang="en">{hint}</span>
          </p>
        )}
      </td>
      <td>{count}</td>
      <td>{share === undefined ? '' : `${numberText(share * 100, locale, 0)} %`}</td>
      <td>
        {ts !== undefined && (
          <time title={momentText(ts, locale)}>{shortMomentText(ts, locale, wallNow())}</time>
        )}
      </td>
      <td>
        <code>{bytes}</code>
      </td>
    </tr>
  );
}
