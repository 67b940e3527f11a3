// What was promised of commands against what was answered, and against what was on the wire.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplyObserver } from '../../support/mqtt/reply-observer.js';
import { onTheWire, type CommandStorm, type SentCommand } from './command-storm.js';

const SETTLE_WITHIN_MS = 60_000;

/** A broker that was killed forgets what it acknowledged: who has no answer asks again, with the same id. How many did. */
export async function untilAnswered(
  storms: readonly CommandStorm[],
  observer: ReplyObserver,
): Promise<number> {
  const asked = new Set<SentCommand>();
  const end = performance.now() + SETTLE_WITHIN_MS;
  while (performance.now() < end) {
    const open = storms.flatMap((storm) =>
      storm.sent.filter(({ id }) => !observer.has(id ?? '')).map((command) => ({ storm, command })),
    );
    if (open.length === 0) break;
    await sleep(2000);
    for (const { storm, command } of open) {
      if (observer.has(command.id ?? '')) continue;
      asked.add(command);
      await storm.again(command);
    }
  }
  return asked.size;
}

/** A sentence for each command that is not as promised; at most 20. */
export function wrong(
  sent: readonly SentCommand[],
  observer: ReplyObserver,
  writes: readonly string[],
  brokerForgets: boolean,
): string[] {
  const onWire = new Map<string, number>();
  for (const write of writes) onWire.set(write, (onWire.get(write) ?? 0) + 1);
  const faults = sent.flatMap((command) => {
    const times = onWire.get(onTheWire(command.n)) ?? 0;
    const twice = times > 1 ? [`${String(command.n)} was on the wire ${String(times)} times`] : [];
    return command.id === undefined
      ? twice
      : [...twice, ...answersWrong(command, command.id, times, observer, brokerForgets)];
  });
  return faults.slice(0, 20);
}

function answersWrong(
  { acknowledged }: SentCommand,
  id: string,
  times: number,
  observer: ReplyObserver,
  brokerForgets: boolean,
): string[] {
  const answers = observer.of(id);
  // Mosquitto gives again what it forgot to have given: what had been rejected, and so not run, is a new command then.
  const counted = brokerForgets ? answers.filter(({ status }) => status !== 'rejected') : answers;
  const said = answers.map(({ status, error }) => `${status} ${error?.code ?? ''}`).join(', ');
  const faults: string[] = [];
  if (acknowledged && !observer.has(id)) faults.push(`${id} was acknowledged and never answered`);
  if (counted.length > 1) faults.push(`${id} was answered ${String(counted.length)} times: ${said}`);
  if (answers.some(({ status }) => status === 'done') && times !== 1)
    faults.push(`${id} is done and was on the wire ${String(times)} times`);
  if (answers.length > 0 && answers.every(({ status }) => status === 'rejected') && times > 0)
    faults.push(`${id} was rejected and on the wire: ${said}`);
  return faults;
}

export function outcomes(commands: readonly SentCommand[], observer: ReplyObserver): string {
  const counts = new Map<string, number>();
  for (const { id } of commands)
    for (const { status, error } of observer.of(id ?? '')) {
      const outcome = error?.code ?? status;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
  return [...counts].map(([outcome, count]) => `${outcome} ${String(count)}`).join(', ');
}
