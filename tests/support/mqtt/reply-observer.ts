// Who hears every answer, whatever ends or comes back: a client with a session that the broker keeps.
import type { TestContext } from 'node:test';
import mqtt from 'mqtt';
import type { ReplyMessage } from '../../../shared/messages.js';

export class ReplyObserver {
  /** Of each id the different answers that came, as text; the same one twice is one. */
  readonly answers = new Map<string, Set<string>>();
  /** Answers that came again to the letter. */
  copies = 0;
  readonly ready: Promise<void>;

  constructor(t: Pick<TestContext, 'after'>, url: string, root: string) {
    const client = mqtt.connect(url, {
      ...{ clientId: `observer-${String(Math.random()).slice(2, 10)}`, clean: false },
      ...{ reconnectPeriod: 50, connectTimeout: 3000, keepalive: 5 },
    });
    client.on('error', () => undefined);
    client.on('message', (_topic, payload) => {
      this.#hear(payload.toString());
    });
    this.ready = new Promise((resolve, reject) => {
      client.on('connect', () => {
        client.subscribe(`${root}/device/+/reply/+`, { qos: 1 }, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
    t.after(() => client.endAsync(true));
  }

  /** The answers to this id that are not repeats of an earlier one. */
  of(id: string): readonly ReplyMessage[] {
    const all = [...(this.answers.get(id) ?? [])].map((text) => JSON.parse(text) as ReplyMessage);
    return all.filter(({ repeated }) => repeated !== true);
  }

  /** Any answer at all, a repeat too. */
  has(id: string): boolean {
    return this.answers.has(id);
  }

  #hear(text: string): void {
    const { id } = JSON.parse(text) as ReplyMessage;
    const heard = this.answers.get(id) ?? new Set();
    this.answers.set(id, heard);
    if (heard.has(text)) this.copies += 1;
    heard.add(text);
  }
}
