// What happened: commands, events and lines of the log, filtered, searched, and going on.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Choice, Search } from '../pieces/choice.js';
import { LINE_KINDS } from '../pieces/line.js';
import { Lines } from '../pieces/lines.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { useLogbook } from '../pieces/use-logbook.js';
import { siftLines, type LineSieve } from './sift.js';

const SINCE_MS = 7 * 86_400_000;

export function Happenings(): JSX.Element {
  const { texts } = useSpeech();
  const [sieve, setSieve] = useState<LineSieve>({ kind: '', device: '', search: '' });
  const logbook = useLogbook(SINCE_MS);
  // Standing still: what came since is counted, and nothing moves below the eye.
  const [stillSince, setStillSince] = useState<number>();
  const all = siftLines(logbook.lines, sieve);
  const shown = stillSince === undefined ? all : all.filter(({ ts }) => ts <= stillSince);
  const fresh = all.length - shown.length;
  return (
    <>
      <h1>{texts.happenings.title}</h1>
      <LineFilters sieve={sieve} onSieve={setSieve}>
        <label class="choice inline">
          <input
            type="checkbox"
            checked={stillSince === undefined}
            onChange={(event) => setStillSince(event.currentTarget.checked ? undefined : (all[0]?.ts ?? 0))}
          />
          <span>{texts.happenings.follow}</span>
        </label>
        {fresh > 0 && <span class="quiet">{texts.happenings.fresh(fresh)}</span>}
      </LineFilters>
      {logbook.fault !== undefined && <p class="fault">{texts.happenings.failed(logbook.fault)}</p>}
      {shown.length > 0 ? (
        <Lines lines={shown} label={texts.happenings.title} withDevice />
      ) : (
        <p class="quiet">{logbook.isAsking ? texts.happenings.loading : texts.happenings.nothing}</p>
      )}
      {logbook.older !== undefined && (
        <button type="button" onClick={logbook.older}>
          {texts.happenings.older}
        </button>
      )}
    </>
  );
}

interface LineFiltersProps {
  readonly sieve: LineSieve;
  readonly onSieve: (sieve: LineSieve) => void;
  readonly children: JSX.Element | (JSX.Element | false)[];
}

function LineFilters({ sieve, onSieve, children }: LineFiltersProps): JSX.Element {
  const { site } = useSession();
  const { happenings, overview } = useSpeech().texts;
  const devices = [...site.devices.values()].map(({ key, meta }) => [key, meta.label] as const);
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label={happenings.kind}
        value={sieve.kind}
        options={[
          ['', happenings.kinds.all],
          ...LINE_KINDS.map((kind) => [kind, happenings.kinds[kind]] as const),
        ]}
        onChoose={(kind) => onSieve({ ...sieve, kind })}
      />
      <Choice
        label={happenings.device}
        value={sieve.device}
        options={[['', overview.all], ...devices]}
        onChoose={(device) => onSieve({ ...sieve, device })}
      />
      <Search
        label={happenings.search}
        text={sieve.search}
        onType={(search) => onSieve({ ...sieve, search })}
      />
      {children}
    </form>
  );
}
