// What became of a command, in its own sentence, and the end that is still to come.
import type { JSX } from 'preact';
import type { Passage } from '../live/command-desk.js';
import type { Device, ShownCommand } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { useChannel, useSession, useSpeech, type Session } from '../pieces/session.js';
import { numberText } from '../words/numbers.js';
import type { Speech } from '../words/speech.js';
import { countdownText, shortMomentText } from '../words/times.js';

interface OutcomeProps {
  readonly device: Device;
  readonly command: ShownCommand;
  readonly passage: Passage | undefined;
}

export function Outcome({ device, command, passage }: OutcomeProps): JSX.Element {
  const speech = useSpeech();
  const status = passage?.reply?.status;
  const kind = passage?.state === 'answered' && status !== undefined ? status : (passage?.state ?? '');
  return (
    <>
      <output class={kind} aria-live="polite">
        {passage === undefined ? '' : outcomeText(passage, speech)}
      </output>
      <Ending device={device} command={command} passage={passage} />
    </>
  );
}

function outcomeText(passage: Passage, { texts, locale }: Speech): string {
  const { command } = texts;
  const { state, reply, why = '' } = passage;
  if (state === 'pending') return command.pending;
  if (state === 'unanswered') return command.noAnswer;
  if (state === 'unsent') return command.notSent(why === 'no connection' ? command.noConnection : why);
  if (reply === undefined) return '';
  const { status, error, ts, ms, repeated } = reply;
  const word = Object.hasOwn(command.statuses, status) ? command.statuses[status] : status;
  const sentence = error === undefined ? word : `${word}: ${error.code} – ${error.message}`;
  const again = repeated === true ? ` ${command.repeated}` : '';
  const when = command.at(shortMomentText(ts, locale, wallNow()), numberText(ms, locale, 1));
  return `${sentence} (${when})${again}`;
}

/** Counts down; not within the output, whose every change would be read aloud. */
function Ending({ device, command, passage }: OutcomeProps): JSX.Element | null {
  const session = useSession();
  const { texts, locale } = useSpeech();
  useChannel('second');
  const endsTs = endOf(session, device, command, passage);
  const now = wallNow();
  if (passage?.endFailed === true) return <p class="ending fault">{texts.command.endFailed}</p>;
  if (endsTs !== undefined) {
    const left = endsTs - now;
    return (
      <p class="ending">{left > 0 ? texts.command.endsIn(countdownText(left)) : texts.command.endsNow}</p>
    );
  }
  if (passage?.endedTs === undefined) return null;
  return <p class="ending">{texts.command.ended(shortMomentText(passage.endedTs, locale, now))}</p>;
}

/**
 * By this machine's clock; undefined where nothing is to end. The gateway's health knows of whoever switched it on, and of
 * what ended it since, but comes every ten seconds.
 */
function endOf(
  { site }: Session,
  device: Device,
  command: ShownCommand,
  passage: Passage | undefined,
): number | undefined {
  const gateway = site.gateways.get(device.gateway);
  if (gateway === undefined) return passage?.endsTs;
  const { outputs, isWhole } = gateway.held;
  const mark = outputs.find((one) => one.device === device.id && one.command === command.id);
  const isNewer = gateway.healthTs > (passage?.answeredTs ?? 0) + SETTLED_MS;
  if (!isNewer) return passage?.endsTs;
  if (mark === undefined) return isWhole ? undefined : passage?.endsTs;
  return mark.untilTs + gateway.skewMs;
}

/** What is told so soon after an answer may have been counted before it. */
const SETTLED_MS = 1000;
