// A client that does, at every point, what no honest one would: it stops reading, acknowledges or not, takes over others'
// ids, and leaves in every way there is.
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { answerPacket } from '../support/mqtt/raw-mqtt.js';
import { OddWords } from './odd-words.js';
import { wordToGateway } from './gateway-words.js';
import type { Random } from '../support/random.js';
import { packetsIn } from '../support/mqtt/raw-packets.js';

const PING = Buffer.from([0xc0, 0]);

export class OddClient {
  readonly #chance: Random;
  readonly #words: OddWords;
  readonly #write: (bytes: Buffer) => void;
  readonly #socket: () => Socket | undefined;
  readonly #pause: (paused: boolean) => void;
  readonly #drop: () => void;
  #received = Buffer.alloc(0);
  #acknowledges = true;
  #isGone = false;

  private constructor(
    chance: Random,
    write: (bytes: Buffer) => void,
    socket: () => Socket | undefined,
    pause: (paused: boolean) => void,
    drop: () => void,
  ) {
    this.#chance = chance;
    this.#words = new OddWords(chance);
    this.#write = write;
    this.#socket = socket;
    this.#pause = pause;
    this.#drop = drop;
  }

  static overTcp(chance: Random, port: number): OddClient {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: chance.int(2) === 0 });
    const client = new OddClient(
      chance,
      (bytes) => socket.write(bytes),
      () => socket,
      (paused) => (paused ? socket.pause() : socket.resume()),
      () => socket.destroy(),
    );
    socket.on('data', (bytes: Buffer) => {
      client.#heard(bytes);
    });
    client.#watch(socket);
    return client;
  }

  static overWebSocket(chance: Random, url: string): OddClient {
    const socket = new WebSocket(url, 'mqtt');
    const early: Buffer[] = [];
    let below: Socket | undefined;
    const client = new OddClient(
      chance,
      (bytes) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
        else early.push(bytes);
      },
      () => below,
      (paused) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (paused) socket.pause();
        else socket.resume();
      },
      () => {
        socket.terminate();
      },
    );
    socket.on('upgrade', (response) => (below = response.socket));
    socket.on('open', () => {
      for (const bytes of early) socket.send(bytes);
    });
    socket.on('message', (bytes: Buffer) => {
      client.#heard(bytes);
    });
    client.#watch(socket);
    return client;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  step(): void {
    const number = (below: number): number => this.#chance.int(below);
    switch (number(18)) {
      case 0:
      case 1:
        this.#write(this.#words.hello());
        break;
      case 2:
      case 3:
        this.#write(this.#words.subscribe());
        break;
      case 4:
      case 5:
      case 6:
      case 7:
        this.#publish(number);
        break;
      case 8:
        this.#pause(true);
        break;
      case 9:
        this.#pause(false);
        break;
      case 10:
        this.#acknowledges = !this.#acknowledges;
        break;
      case 11:
        this.#write(answerPacket((4 + number(4)) as 4 | 5 | 6 | 7, 1 + number(9)));
        break;
      case 12:
        this.#write(PING);
        break;
      case 13:
        if (number(4) === 0)
          this.#write(Buffer.from(Array.from({ length: 1 + number(40) }, () => number(256))));
        break;
      case 14:
        this.#write(this.#words.unsubscribe());
        break;
      case 15:
        this.#write(
          this.#words.publish({ ...wordToGateway(this.#chance), qos: this.#words.qos(), id: 1 + number(20) }),
        );
        break;
      default:
        if (number(5) === 0) this.leave(number(4));
    }
  }

  /** 0: DISCONNECT; 1: FIN; 2: RST; 3: FIN in the middle of a packet. */
  leave(way: number): void {
    if (way === 0) this.#write(this.#words.goodbye());
    if (way === 3)
      this.#write(this.#words.publish({ topic: 'fuzz/cut', text: 'x'.repeat(100) }).subarray(0, 50));
    const socket = this.#socket();
    if (way === 2 || socket === undefined) socket?.resetAndDestroy();
    else socket.end();
    // A WebSocket that is not open yet.
    if (socket === undefined) this.end();
  }

  end(): void {
    this.#drop();
    this.#isGone = true;
  }

  #publish(number: (below: number) => number): void {
    const isLarge = number(10) === 0;
    const topic = isLarge ? 'fuzz/large' : `fuzz/${String(number(300))}`;
    const text = 'x'.repeat(isLarge ? number(300_000) : number(3000));
    const packet = { topic, text, qos: this.#words.qos(), retain: number(3) === 0, id: 1 + number(20) };
    this.#write(this.#words.publish(packet));
    if (packet.qos === 2 && number(3) > 0) this.#write(answerPacket(6, packet.id));
  }

  #heard(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    let length = 0;
    for (const { type, flags, body } of packetsIn(this.#received)) {
      length +=
        1 +
        (body.length < 128 ? 1 : body.length < 16_384 ? 2 : body.length < 2_097_152 ? 3 : 4) +
        body.length;
      if (!this.#acknowledges) continue;
      const qos = (flags >> 1) & 3;
      if (type === 3 && qos > 0) {
        const id = body.readUInt16BE(2 + body.readUInt16BE(0));
        this.#write(answerPacket(qos === 1 ? 4 : 5, id));
      } else if (type === 6) this.#write(answerPacket(7, body.readUInt16BE(0)));
    }
    this.#received = this.#received.subarray(length);
  }

  #watch(connection: Socket | WebSocket): void {
    connection.on('error', () => (this.#isGone = true));
    connection.on('close', () => (this.#isGone = true));
  }
}
