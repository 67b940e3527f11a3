// Commands, kills and power cuts at random over the real store: a kill takes nothing, a power cut nothing that was flushed, and
// what is there is always what was so at one moment.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { readRecords } from '../../../../gateway/store/rows/command-record.js';
import { markIn } from '../../../../gateway/store/commands/moved-records.js';
import { openStoreFileToRead, storePath } from '../../../../gateway/store/file/store.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import type { StoreWorker } from '../../../../gateway/store/durable/worker.js';
import { idKey, type Moment } from '../../../../shared/command-journal.js';
import type { CommandEntry } from '../../../../shared/logbook.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore } from '../open-store.js';

type Step =
  | { readonly do: 'accept'; readonly begun: boolean }
  | { readonly do: 'begin' | 'finish' | 'say'; readonly which: number }
  | { readonly do: 'flush' | 'move' | 'kill' }
  | { readonly do: 'cut'; readonly kept: number };

/** What has become of one command. */
interface State {
  readonly begun: boolean;
  readonly reply?: string;
  readonly said?: true;
}

const which = fc.nat(30);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('accept' as const), begun: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const), which }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('finish' as const), which }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('say' as const), which }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('flush' as const, 'move' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('cut' as const),
        kept: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

const AT: Moment = { ts: 1_767_000_000_000, synchronised: true, machine: 'm', uptimeMs: 1000 };
const everything = { fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 10_000 };

function entryOf(id: string): CommandEntry {
  return { kind: 'command', ts: 1000, gateway: 'g', device: 'd', name: 'n', id, status: 'done', ms: 1 };
}

class World {
  readonly #t: TestContext;
  readonly #root: string;
  #folders = 0;
  #dataDir: string;
  #store: StoreWorker | undefined;
  #ids = 0;
  /** After each step that changed something. */
  #moments: ReadonlyMap<string, State>[] = [new Map()];
  readonly #positions = new Map<string, number>();
  /** Of the moments: no power cut goes behind it. */
  #promised = 0;
  /** What of the log no power cut takes. */
  #onDisk = Buffer.alloc(0);

  constructor(t: TestContext, root: string) {
    this.#t = t;
    this.#root = root;
    this.#dataDir = join(root, '0');
  }

  async start(): Promise<void> {
    const opened = await openStore(this.#t, { dataDir: this.#dataDir });
    this.#store = opened.store;
  }

  async run(step: Step): Promise<void> {
    if (step.do === 'accept') await this.#accept(step.begun);
    else if ('which' in step) await this.#change(step);
    else if (step.do === 'kill') await this.#end(undefined);
    else if (step.do === 'cut') await this.#end(step.kept);
    else {
      await (step.do === 'flush' ? this.#journal.flushed() : this.#journal.stats());
      this.#promised = this.#moments.length - 1;
      // What is moved is on the disk in the tables; of the log that says nothing.
      if (step.do === 'flush') this.#onDisk = this.#log;
    }
  }

  get #journal(): StoreWorker['journal'] {
    assert.ok(this.#store);
    return this.#store.journal;
  }

  get #now(): ReadonlyMap<string, State> {
    return this.#moments.at(-1) ?? new Map<string, State>();
  }

  get #log(): Buffer<ArrayBuffer> {
    const path = join(this.#dataDir, 'commands.ahead');
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  }

  async #accept(begun: boolean): Promise<void> {
    const id = String((this.#ids += 1));
    const meaning = { device: 'd', name: 'n', asked: id };
    const command = { key: idKey(id), meaning, at: AT, boot: 'first', begun, body: 'x'.repeat(7000) };
    assert.equal((await this.#journal.accept(command)).state, 'new');
    this.#note(id, { begun });
    assert.notEqual((await this.#journal.accept(command)).state, 'new');
  }

  async #change(step: Extract<Step, { which: number }>): Promise<void> {
    const could = [...this.#now].filter(([, { reply, said }]) =>
      step.do === 'say' ? reply !== undefined && said === undefined : reply === undefined,
    );
    const chosen = could[step.which % Math.max(1, could.length)];
    if (chosen === undefined) return;
    const [id, state] = chosen;
    if (step.do === 'begin') {
      await this.#journal.begin([idKey(id)]);
      this.#note(id, { ...state, begun: true });
    } else if (step.do === 'say') {
      await this.#journal.said([this.#positions.get(id) ?? 0]);
      this.#note(id, { ...state, said: true });
    } else {
      const reply = `{"reply":${id}}`;
      const noted = this.#store?.logbook.note(entryOf(id));
      const position = await this.#journal.finish(idKey(id), reply, false);
      await noted;
      this.#positions.set(id, position);
      this.#note(id, { ...state, reply });
    }
  }

  #note(id: string, state: State): void {
    this.#moments.push(new Map([...this.#now, [id, state]]));
  }

  /** As the files are at this moment; of a power cut with less of the log, but with all that was flushed. */
  async #end(kept: number | undefined): Promise<void> {
    this.#folders += 1;
    const next = join(this.#root, String(this.#folders));
    cpSync(this.#dataDir, next, { recursive: true });
    const log = this.#log;
    await this.#store?.stop();
    this.#dataDir = next;
    if (kept !== undefined) writeFileSync(join(next, 'commands.ahead'), await this.#leftOf(log, kept));
    await this.start();
    await this.#compare(kept === undefined ? this.#moments.length - 1 : this.#promised);
  }

  /** Of one that was emptied since it was flushed the disk may have the old one still, until the tables have some of the new. */
  async #leftOf(log: Buffer, kept: number): Promise<Buffer> {
    const { database } = openStoreFileToRead(await loadSqlite(), storePath(this.#dataDir));
    const isMarked = markIn(database)?.generation === readRecords(log.toString()).generation;
    database.close();
    const begins = (bytes: Buffer): string => bytes.toString('latin1', 0, bytes.indexOf('\n'));
    const isSame = this.#onDisk.length === 0 || begins(log) === begins(this.#onDisk);
    const flushed = isSame ? this.#onDisk.length : 0;
    if (!isSame && !isMarked && kept < 0.3) return this.#onDisk;
    return log.subarray(0, flushed + Math.floor(kept * (log.length - flushed)));
  }

  async #compare(from: number): Promise<void> {
    const found = await this.#found();
    const at = this.#moments.findIndex(
      (moment, index) => index >= from && JSON.stringify(said(moment)) === JSON.stringify(found),
    );
    assert.ok(at >= 0, `${JSON.stringify(found)} was never so since ${JSON.stringify(said(this.#now))}`);
    this.#moments = [this.#moments[at] ?? new Map<string, State>()];
    this.#promised = 0;
    this.#onDisk = this.#log;
  }

  async #found(): Promise<Told> {
    const left = await this.#journal.left('none', 0, 1000);
    const unsaid = await this.#journal.unsaid(0, 1000);
    for (const { key, position } of unsaid) this.#positions.set(key.slice(1), position);
    const lines = (await this.#store?.logbook.query(everything)) ?? [];
    return {
      left: left.map(({ key, begun }) => [key.slice(1), begun]),
      unsaid: unsaid.map(({ key, reply }) => [key.slice(1), reply]),
      lines: lines.map((line) => (line.kind === 'command' ? line.id : '')).sort(),
    };
  }
}

interface Told {
  readonly left: readonly (readonly [string, boolean])[];
  readonly unsaid: readonly (readonly [string, string])[];
  readonly lines: readonly string[];
}

function said(moment: ReadonlyMap<string, State>): Told {
  const all = [...moment];
  return {
    left: all.flatMap(([id, { begun, reply }]) => (reply === undefined ? [[id, begun] as const] : [])),
    unsaid: all.flatMap(([id, state]) =>
      state.reply !== undefined && state.said === undefined ? [[id, state.reply] as const] : [],
    ),
    lines: all.flatMap(([id, { reply }]) => (reply === undefined ? [] : [id])).sort(),
  };
}

test('over kills and power cuts what became of commands is what was so at one moment, and nothing promised lacks', async (t) => {
  const numRuns = Number(process.env['MODEL_RUNS'] ?? 6);
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = new World(t, await temporaryFolder(t));
      await world.start();
      for (const step of [...all, { do: 'kill' } as const]) await world.run(step);
    }),
    { numRuns, endOnFailure: true, includeErrorInReport: true },
  );
});
