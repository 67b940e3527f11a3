// What becomes of commands: sent twice, retained, or sent while the gateway is away.
import type { ReplyMessage } from '../../shared/messages.js';
import { until } from '../support/waiting.js';
import type { TestClient } from '../support/mqtt/client.js';
import type { Cell } from './row.js';
import { ROOT } from './sender.js';
import { says, type Site } from './site.js';

const DIM = `${ROOT}/device/lamp-1/command/dim`;
const REPLIES = `${ROOT}/device/lamp-1/reply/dim`;
/** Brightness, as its own mark on the bus: 20 XX. */
const TWICE = 77;
const RETAINED = 90;
const PATIENCE_MS = 30_000;

/** The same id three times, the second marked as sent again: one run on the bus, every answer the same. */
export async function oneAnswer(site: Site): Promise<Cell> {
  const client = await site.client();
  const from = site.watcher.received.length;
  const text = JSON.stringify({ id: 'twice', args: { level: TWICE } });
  await client.publish(DIM, text, { qos: 1 });
  await client.mqtt.publishAsync(DIM, text, { qos: 1, dup: site.broker.kind.takesDup ?? true });
  await client.publish(DIM, text, { qos: 1 });
  // What was sent after them is answered after them.
  await client.publish(DIM, JSON.stringify({ id: 'after', args: { level: 1 } }), { qos: 1 });
  await site.seenWithin(from, PATIENCE_MS, says('device/lamp-1/reply/dim', '"id":"after"'));
  const written = hex(TWICE);
  const runs = (await site.trace()).filter(
    ({ priority, write }) => priority === 'command' && write === `20 ${written}`,
  ).length;
  const replies = repliesFrom(site.watcher, from).filter(({ id }) => id === 'twice');
  const same = replies.length > 0 && replies.every(({ status }) => status === 'done');
  const kept = runs === 1 && same;
  return { kept, text: `3 sent, ${times(runs, 'run')}${same ? '' : ', not answered alike'}` };
}

export async function retainCommand(site: Site): Promise<void> {
  const client = await site.client();
  const from = site.watcher.received.length;
  await client.publish(DIM, String(RETAINED), { qos: 1, retain: true });
  await site.seenWithin(from, PATIENCE_MS, says('device/lamp-1/reply/dim', '"status"'));
}

/** Of the whole story, by the logbook, when the gateway has ended: with it there it was started several times. */
export async function retainedCell(site: Site): Promise<Cell> {
  const commands = await site.commands('lamp-1');
  const runs = commands.filter(
    ({ args, status }) => args?.['level'] === RETAINED && status === 'done',
  ).length;
  const replies = repliesFrom(site.watcher, 0);
  const refused = replies.filter(({ error }) => error?.code === 'retained_command').length;
  return { kept: runs === 0, text: `${times(runs, 'run')}, ${String(refused)} refused` };
}

export interface SentAway {
  readonly ids: readonly string[];
  readonly from: number;
}

/** One after the other, each acknowledged by the broker before the next. */
export async function sendWhileAway(site: Site, count: number): Promise<SentAway> {
  const client = await site.client();
  const from = site.watcher.received.length;
  const ids = Array.from({ length: count }, (_, index) => `away-${String(index)}`);
  for (const [index, id] of ids.entries()) {
    await client.publish(DIM, JSON.stringify({ id, args: { level: 100 + index } }), { qos: 1 });
  }
  return { ids, from };
}

export async function awayCell(site: Site, { ids, from }: SentAway): Promise<Cell> {
  const replies = (): ReplyMessage[] => repliesFrom(site.watcher, from).filter(({ id }) => ids.includes(id));
  const answered = (): string[] => [...new Set(replies().map(({ id }) => id))];
  try {
    await until('the answers', () => answered().length === ids.length, PATIENCE_MS);
  } catch {
    // How many came is the result.
  }
  const order = answered();
  const inOrder = order.every((id, index) => id === ids.filter((one) => order.includes(one))[index]);
  const others = [...new Set(replies().map(({ status, error }) => error?.code ?? status))].filter(
    (outcome) => outcome !== 'done',
  );
  const how = [inOrder ? 'in order' : 'out of order', ...others].join(', ');
  return {
    kept: order.length === ids.length && inOrder && others.length === 0,
    text: `${String(order.length)} of ${String(ids.length)}${order.length === 0 ? '' : `, ${how}`}`,
  };
}

function repliesFrom(watcher: TestClient, from: number): ReplyMessage[] {
  return watcher.received
    .slice(from)
    .filter(({ topic }) => topic === REPLIES)
    .map(({ text }) => JSON.parse(text) as ReplyMessage);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

function times(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
