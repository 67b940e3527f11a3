// A client as the standard wants it: what was not acknowledged is sent again on the next connection, with DUP and under
// its packet identifier [MQTT-4.4.0-1]. MQTT.js sends it without DUP.
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPacket, publishPacket } from './raw-mqtt.js';
import { packetsIn } from './raw-packets.js';

interface Unacknowledged {
  readonly topic: string;
  readonly text: string;
  sent: boolean;
  readonly acknowledged: () => void;
}

const [CONNACK, PUBACK] = [2, 4];
const AGAIN_AFTER_MS = 30;

export class DutifulSender {
  readonly #port: number;
  readonly #clientId: string;
  readonly #waiting = new Map<number, Unacknowledged>();
  #lastId = 0;
  #socket: Socket | undefined;
  #isIn = false;
  #ended = false;

  constructor(t: Pick<TestContext, 'after'>, port: number, clientId: string) {
    this.#port = port;
    this.#clientId = clientId;
    t.after(() => {
      this.#ended = true;
      this.#socket?.destroy();
    });
    this.#connect();
  }

  /** QoS 1; resolves when it is acknowledged, however many connections that takes. */
  publish(topic: string, text: string): Promise<void> {
    this.#lastId = (this.#lastId % 65_535) + 1;
    const id = this.#lastId;
    return new Promise((acknowledged) => {
      this.#waiting.set(id, { topic, text, sent: false, acknowledged });
      if (this.#isIn) this.#send(id);
    });
  }

  #connect(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    this.#socket = socket;
    let received = Buffer.alloc(0);
    socket.on('connect', () => socket.write(connectPacket(this.#clientId, { clean: false })));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const packets = packetsIn(received);
      const length = packets.reduce((sum, { body }) => sum + 2 + body.length, 0);
      // Only packets below 128 bytes come here: CONNACK and PUBACK.
      received = received.subarray(length);
      for (const { type, body } of packets) {
        if (type === CONNACK) this.#in();
        else if (type === PUBACK) this.#acknowledged(body.readUInt16BE(0));
      }
    });
    // A broker that is killed ends connections in every way there is.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isIn = false;
      if (!this.#ended)
        void sleep(AGAIN_AFTER_MS).then(() => {
          this.#connect();
        });
    });
  }

  #in(): void {
    this.#isIn = true;
    for (const id of this.#waiting.keys()) this.#send(id);
  }

  #send(id: number): void {
    const message = this.#waiting.get(id);
    if (message === undefined) return;
    const { topic, text, sent: dup } = message;
    message.sent = true;
    this.#socket?.write(publishPacket({ topic, text, qos: 1, id, dup }));
  }

  #acknowledged(id: number): void {
    const message = this.#waiting.get(id);
    this.#waiting.delete(id);
    message?.acknowledged();
  }
}
