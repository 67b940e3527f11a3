// All devices: what needs attention, then cards or a table of those that are looked for.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { conditionOf, conditionText, type Condition } from '../pieces/condition.js';
import { useChannel, useSession, useSpeech } from '../pieces/session.js';
import { EVERYTHING, grouped, sift, type Group, type Sieve } from './arrange.js';
import { Card } from './card.js';
import { Filters } from './filters.js';
import { Table } from './table.js';
import { WrongNow } from './wrong-now.js';

/** What is looked for stays while one looks at a device and comes back. */
let lastSieve: Sieve = EVERYTHING;

export function Overview({ isWall }: { readonly isWall: boolean }): JSX.Element {
  const { site, preferences } = useSession();
  const speech = useSpeech();
  const [sieve, setSieve] = useState(isWall ? EVERYTHING : lastSieve);
  useChannel('devices');
  useChannel('states');
  const { overview } = speech.texts;
  const now = wallNow();
  const of = (device: Device): Condition => conditionOf(device, site, now);
  const shown = sift(site.devices.values(), sieve, of);
  const groups = grouped(shown, preferences.choices.group, of, (one) => conditionText(one, site, speech));
  const choose = (next: Sieve): void => {
    lastSieve = next;
    setSieve(next);
  };
  return (
    <>
      <h1 class="visually-hidden">{overview.title}</h1>
      <WrongNow />
      {!isWall && <Filters sieve={sieve} onSieve={choose} />}
      {!isWall && site.devices.size > 0 && (
        <p class="quiet count" role="status">
          {overview.count(shown.length, site.devices.size)}
        </p>
      )}
      <Nothing all={site.devices.size} shown={shown.length} onClear={() => choose(EVERYTHING)} />
      {groups.map((group) => (
        <Shown key={group.name} group={group} asTable={!isWall && preferences.choices.view === 'table'} />
      ))}
    </>
  );
}

function Shown({ group, asTable }: { readonly group: Group; readonly asTable: boolean }): JSX.Element | null {
  if (group.devices.length === 0) return null;
  return (
    <section class="group">
      {group.name === '' ? null : <h2>{group.name}</h2>}
      {asTable ? (
        <Table devices={group.devices} />
      ) : (
        <div class="cards">
          {group.devices.map((device) => (
            <Card key={device.key} device={device} />
          ))}
        </div>
      )}
    </section>
  );
}

interface NothingProps {
  readonly all: number;
  readonly shown: number;
  readonly onClear: () => void;
}

function Nothing({ all, shown, onClear }: NothingProps): JSX.Element | null {
  const { site } = useSession();
  const { overview, connection } = useSpeech().texts;
  if (shown > 0) return null;
  if (all === 0)
    return <p id="none">{site.connected === 'connecting' ? `${connection.connecting}…` : overview.none}</p>;
  return (
    <p>
      {overview.noneFound}{' '}
      <button type="button" onClick={onClear}>
        {overview.clear}
      </button>
    </p>
  );
}
