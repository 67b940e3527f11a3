// Lines of what happened, as a table.
import type { JSX } from 'preact';
import { wallNow } from '../live/ticks.js';
import { momentText, shortMomentText } from '../words/times.js';
import { deviceHref } from './address.js';
import type { Line } from './line.js';
import { useSession, useSpeech } from './session.js';

interface LinesProps {
  readonly lines: readonly Line[];
  readonly label: string;
  /** Left out where all are of one. */
  readonly withDevice: boolean;
}

export function Lines({ lines, label, withDevice }: LinesProps): JSX.Element {
  const { columns } = useSpeech().texts.happenings;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="lines stacked">
        <thead>
          <tr>
            <th scope="col">{columns.time}</th>
            {withDevice && <th scope="col">{columns.device}</th>}
            <th scope="col">{columns.what}</th>
            <th scope="col">{columns.how}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <LineRow
              key={`${String(line.ts)}/${line.id ?? ''}/${String(index)}`}
              line={line}
              withDevice={withDevice}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LineRow({ line, withDevice }: { readonly line: Line; readonly withDevice: boolean }): JSX.Element {
  const { facts, site } = useSession();
  const { texts, locale } = useSpeech();
  const { kind, ts, gateway, device, name, text, hint } = line;
  const label = device === undefined ? '' : (site.devices.get(`${gateway}/${device}`)?.meta.label ?? device);
  return (
    <tr class={`line ${kind} ${line.status ?? toneOf(line)}`} data-line={kind}>
      <td>
        <time title={momentText(ts, locale)}>{shortMomentText(ts, locale, wallNow())}</time>
      </td>
      {withDevice && (
        <td>
          {device !== undefined && <a href={deviceHref({ gateway, id: device }, facts.gateway)}>{label}</a>}
        </td>
      )}
      <td>
        <strong>{name}</strong>
        {line.by !== undefined && line.why === undefined && (
          <span class="quiet"> {texts.happenings.by(line.by)}</span>
        )}
        {line.why !== undefined && (
          <span class="quiet"> {texts.happenings.bySelf(texts.happenings.occasions[line.why])}</span>
        )}
      </td>
      <td>
        {line.status !== undefined && <span class="status">{texts.command.statuses[line.status]} </span>}
        <span lang="en">{text}</span>
        {hint !== undefined && (
          <p class="quiet">
            {texts.wrong.hint}: <span lang="en">{hint}</span>
          </p>
        )}
      </td>
    </tr>
  );
}

function toneOf({ kind, name }: Line): string {
  if (kind === 'log') return name;
  return /\.(offline|down|degraded|left_on|damaged|overloaded)$/.test(name) ? 'bad' : '';
}
