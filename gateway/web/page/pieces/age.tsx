// How long ago something is, going on by itself.
import type { JSX } from 'preact';
import { ageMs } from '../live/ticks.js';
import { momentText, spanText } from '../words/times.js';
import { skewOf, useChannel, useSession, useSpeech } from './session.js';

/** What is so new is not counted: nothing moves while all is as it should be. */
const JUST_NOW_MS = 5000;

/** `ts` in epoch ms of the gateway's clock. */
export function Age({
  ts,
  gateway,
}: {
  readonly ts: number | undefined;
  readonly gateway: string;
}): JSX.Element {
  const session = useSession();
  const { texts, locale } = useSpeech();
  useChannel('second');
  if (ts === undefined) return <span class="age">{texts.time.never}</span>;
  const ms = ageMs(ts, skewOf(session, gateway));
  return (
    <time class="age" title={momentText(ts, locale)}>
      {ms < JUST_NOW_MS ? texts.time.now : texts.time.ago(spanText(ms))}
    </time>
  );
}
