// A TCP proxy in front of MongoDB that understands enough of the wire protocol to fail exactly one insert.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/**
 * What befalls one insert: `cut-before` the server has seen it, `cut-after` the server has done it and before its
 * reply is passed on (the reply is lost), `stall`: it arrives and is done, and no byte ever comes back; an `answer` is
 * given in the server's place, which doesn't see the insert.
 */
export type Fate =
  'pass' | 'cut-before' | 'cut-after' | 'stall' | { readonly answer: Readonly<Record<string, unknown>> };

// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ : length, request id, response to, opcode
// (int32 LE each); of OP_MSG then flags (4), section kind (1), document length (4), type (1), the command's name.
const HEADER_BYTES = 16;
const COMMAND_AT = HEADER_BYTES + 5;
const NAME_AT = COMMAND_AT + 5;
const OP_MSG = 2013;

export class MongoProxy {
  /** One for each insert to come, in order; when it is empty they pass. */
  readonly fates: Fate[] = [];
  /** The same of finds and aggregates. */
  readonly questions: Fate[] = [];
  /** Of those for which there is none: what befalls a question goes by what it asks. */
  fateOfQuestion: (command: Document) => Fate = () => 'pass';
  /** Inserts that came, whatever befell them. */
  inserts = 0;
  readonly #host: string;
  readonly #port: number;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #ownPort = 0;

  constructor(target: string) {
    const [host = '', port = ''] = target.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  /** host:port. The same after a `down` and a new `up`. */
  get host(): string {
    return `127.0.0.1:${String(this.#ownPort)}`;
  }

  async up(): Promise<void> {
    const server = createServer((client) => {
      this.#join(client);
    });
    server.listen(this.#ownPort, '127.0.0.1');
    await once(server, 'listening');
    this.#ownPort = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses connections and cuts those there are. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  /** Ends the connections there are; new ones are let in. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    const server = connect(this.#port, this.#host);
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // The error is followed by the close, which is what counts.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    this.#pump(client, server, cut);
  }

  #pump(client: Socket, server: Socket, cut: () => void): void {
    /** Requests whose replies don't get through. */
    const doomed = new Map<number, Fate>();
    let stalled = false;
    onMessages(client, (message) => {
      const fate = this.#fateOf(message);
      if (fate === 'cut-before') {
        cut();
        return;
      }
      if (typeof fate === 'object') {
        client.write(replyTo(message, fate.answer));
        return;
      }
      if (fate !== 'pass') doomed.set(message.readInt32LE(4), fate);
      server.write(message);
    });
    onMessages(server, (message) => {
      const fate = doomed.get(message.readInt32LE(8));
      if (fate === 'cut-after') cut();
      stalled ||= fate === 'stall';
      if (!stalled && !client.destroyed) client.write(message);
    });
  }

  #fateOf(message: Buffer): Fate {
    const end = message.indexOf(0, NAME_AT);
    const name = message.toString('latin1', NAME_AT, end);
    if (name === 'find' || name === 'aggregate')
      return this.questions.shift() ?? this.fateOfQuestion(BSON.deserialize(message.subarray(COMMAND_AT)));
    if (name !== 'insert') return 'pass';
    this.inserts += 1;
    return this.fates.shift() ?? 'pass';
  }
}

function replyTo(request: Buffer, answer: Readonly<Record<string, unknown>>): Buffer {
  const document = BSON.serialize(answer);
  const head = Buffer.alloc(HEADER_BYTES + 5);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(request.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, document]);
}

/** Calls back with each whole message of a stream. */
function onMessages(socket: Socket, callback: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      callback(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}
