// Search, filters and how devices are shown.
import type { JSX } from 'preact';
import { Choice, Search } from '../pieces/choice.js';
import { CONDITIONS } from '../pieces/condition.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { GROUPS, VIEWS } from '../settings/preferences.js';
import { kindsOf, type Sieve } from './arrange.js';

interface FiltersProps {
  readonly sieve: Sieve;
  readonly onSieve: (sieve: Sieve) => void;
}

export function Filters({ sieve, onSieve }: FiltersProps): JSX.Element {
  const { site, preferences } = useSession();
  const { texts } = useSpeech();
  const { overview, states } = texts;
  const { view, group } = preferences.choices;
  const devices = [...site.devices.values()];
  const withAll = (kinds: readonly string[]): (readonly [string, string])[] => [
    ['', overview.all],
    ...kinds.map((kind) => [kind, kind] as const),
  ];
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search
        label={overview.search}
        text={sieve.search}
        onType={(search) => onSieve({ ...sieve, search })}
      />
      <Choice
        label={overview.state}
        value={sieve.state}
        options={[
          ['', overview.all],
          ...CONDITIONS.map((one) => [one, one === 'away' ? states.notConnected : states[one]] as const),
        ]}
        onChoose={(state) => onSieve({ ...sieve, state })}
      />
      <Choice
        label={overview.type}
        value={sieve.type}
        options={withAll(kindsOf(devices, 'type'))}
        onChoose={(type) => onSieve({ ...sieve, type })}
      />
      <Choice
        label={overview.bus}
        value={sieve.bus}
        options={withAll(kindsOf(devices, 'bus'))}
        onChoose={(bus) => onSieve({ ...sieve, bus })}
      />
      <Choice
        label={overview.group}
        value={group}
        options={GROUPS.map((one) => [one, overview.groups[one]] as const)}
        onChoose={(chosen) => preferences.choose({ group: chosen })}
      />
      <Choice
        label={overview.view}
        value={view}
        options={VIEWS.map((one) => [one, overview.views[one]] as const)}
        onChoose={(chosen) => preferences.choose({ view: chosen })}
      />
    </form>
  );
}
