// Why a device is not simply there: what the code means, what the gateway saw, and what is probably wrong.
import type { JSX } from 'preact';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { momentText, shortMomentText } from '../words/times.js';
import type { Condition } from './condition.js';
import { useSpeech } from './session.js';

interface ReasonProps {
  readonly device: Device;
  readonly condition: Condition;
  /** One sentence. */
  readonly brief?: boolean;
}

export function Reason({ device, condition, brief = false }: ReasonProps): JSX.Element | null {
  const { texts, locale, reason } = useSpeech();
  const { since, reason: code, message, hint, pausedUntil } = device.availability;
  if (condition === 'online' || condition === 'away') return null;
  const isPaused = condition === 'paused' && pausedUntil !== undefined;
  const short = (ts: number): string => shortMomentText(ts, locale, wallNow());
  const sentence = isPaused
    ? `${texts.device.pausedUntil(short(pausedUntil))} ${texts.device.notPolled}`
    : code === undefined
      ? ''
      : reason(code);
  const sinceText =
    since === undefined || isPaused ? null : (
      <time title={momentText(since, locale)}>{texts.device.since(short(since))}</time>
    );
  if (brief)
    return (
      <p class="reason brief">
        {firstOf(sentence)} {sinceText}
      </p>
    );
  return (
    <div class="reason">
      <p>
        <strong>{sentence}</strong> {sinceText}
      </p>
      {message !== undefined && <p lang="en">{message}</p>}
      {hint !== undefined && (
        <p>
          <em>{texts.wrong.hint}:</em> <span lang="en">{hint}</span>
        </p>
      )}
    </div>
  );
}

/** What it means; what to do about it stands where there is more room. */
function firstOf(text: string): string {
  return /^.*?[.!?](?= |$)/.exec(text)?.[0] ?? text;
}
