// Commands on their way: one at a time for each command of a device, under one id until its answer, wherever on the page
// somebody clicks, and however often.
import type { ReplyMessage } from '../../../../shared/messages.js';
import type { Value } from '../../../../shared/sample.js';
import { newId } from './new-id.js';
import type { Site } from './site.js';
import { afterMs, wallNow } from './ticks.js';

/** After so long nobody believes in an answer any more; a hung bus takes 10 s to be given up. */
const PATIENCE_MS = 20_000;

export interface Order {
  readonly gateway: string;
  readonly device: string;
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
  /** How long it lasts, in ms, and as it is sent; absent where it has no end. */
  readonly lastsMs?: number;
  readonly lasts?: string;
}

export interface Passage {
  readonly id: string;
  readonly state: 'pending' | 'answered' | 'unsent' | 'unanswered';
  readonly reply?: ReplyMessage;
  readonly why?: string;
  /** What was sent, to know the same again. */
  readonly text: string;
  /** Epoch ms of this machine: when its answer came. */
  readonly answeredTs?: number;
  /** Epoch ms of this machine: when it ends by itself. */
  readonly endsTs?: number;
  /** Epoch ms: when it did. */
  readonly endedTs?: number;
  readonly endFailed?: boolean;
}

export class CommandDesk {
  readonly #site: Site;
  readonly #publish: (order: Order, text: string) => Promise<void>;
  readonly #passages = new Map<string, Passage>();
  readonly #lasting = new Map<string, number>();

  constructor(site: Site, publish: (order: Order, text: string) => Promise<void>) {
    this.#site = site;
    this.#publish = publish;
    site.onReply = ({ gateway, device, name, reply }) => {
      this.#replied(channelOf(gateway, device, name), reply);
    };
  }

  passage(gateway: string, device: string, name: string): Passage | undefined {
    return this.#passages.get(channelOf(gateway, device, name));
  }

  /** Nothing while the same command waits for its answer. What was sent and not answered keeps its id: it runs once. */
  send(order: Order): void {
    const channel = channelOf(order.gateway, order.device, order.name);
    const before = this.#passages.get(channel);
    if (before?.state === 'pending') return;
    const text = JSON.stringify({ args: order.args, for: order.lasts });
    const isAgain = before?.state === 'unanswered' && before.text === text;
    const id = isAgain ? before.id : newId();
    this.#set(channel, { id, text, state: 'pending', ...endOf(before) });
    if (order.lastsMs === undefined) this.#lasting.delete(channel);
    else this.#lasting.set(channel, order.lastsMs);
    const patience = afterMs(PATIENCE_MS, () => {
      this.#change(channel, id, { state: 'unanswered' });
    });
    const expires = this.#site.gatewayNow(order.gateway, PATIENCE_MS);
    this.#publish(order, JSON.stringify({ id, args: order.args, for: order.lasts, expires })).catch(
      (error: unknown) => {
        patience();
        this.#change(channel, id, {
          state: 'unsent',
          why: error instanceof Error ? error.message : String(error),
        });
      },
    );
  }

  #replied(channel: string, reply: ReplyMessage): void {
    if (reply.by === 'for') {
      // On the topic of what made it safe, which may be another command.
      for (const [own, passage] of this.#passages)
        if (passage.id === reply.of) this.#ended(own, passage, reply);
      return;
    }
    const passage = this.#passages.get(channel);
    if (passage === undefined) return;
    if (reply.id === passage.id) this.#answered(channel, passage, reply);
    // Somebody else's newer command has taken the place of the pending end.
    else if (reply.status === 'done' && passage.endsTs !== undefined)
      this.#set(channel, without(passage, 'endsTs'));
  }

  #answered(channel: string, passage: Passage, reply: ReplyMessage): void {
    const lastsMs = this.#lasting.get(channel);
    const isOn = reply.status === 'done' && lastsMs !== undefined && reply.repeated !== true;
    const before = reply.status === 'done' ? without(without(passage, 'endsTs'), 'endedTs') : passage;
    this.#set(channel, {
      ...before,
      ...{ state: 'answered', reply, answeredTs: wallNow() },
      ...(isOn ? { endsTs: wallNow() + lastsMs } : {}),
    });
  }

  #ended(channel: string, passage: Passage, reply: ReplyMessage): void {
    if (passage.endsTs === undefined && passage.endFailed !== true) return;
    if (reply.status === 'done')
      this.#set(channel, { ...without(passage, 'endsTs'), endFailed: false, endedTs: wallNow() });
    else this.#set(channel, { ...without(passage, 'endsTs'), endFailed: true });
  }

  #change(channel: string, id: string, change: Partial<Passage>): void {
    const passage = this.#passages.get(channel);
    if (passage?.id === id && passage.state === 'pending') this.#set(channel, { ...passage, ...change });
  }

  #set(channel: string, passage: Passage): void {
    this.#passages.set(channel, passage);
    this.#site.watchers.touch(channel);
  }
}

export function channelOf(gateway: string, device: string, name: string): string {
  return `${gateway}/${device}/command/${name}`;
}

function endOf(passage: Passage | undefined): Pick<Passage, 'endsTs'> {
  return passage?.endsTs === undefined ? {} : { endsTs: passage.endsTs };
}

function without(passage: Passage, key: 'endsTs' | 'endedTs'): Passage {
  const { [key]: _, ...rest } = passage;
  return rest;
}
