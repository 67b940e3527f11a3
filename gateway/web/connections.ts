// How many connections the web server holds: in all, and of one address. One that became a WebSocket is the broker's to
// count, so that neither takes the other's places.
import type { Server, Socket } from 'node:net';
import type { Log } from '../../shared/ports.js';
import { placeOf } from '../broker/doors/pending-connections.js';

export interface HttpConnectionLimits {
  readonly most: number;
  readonly mostPerAddress: number;
}

export class HttpConnections {
  readonly #limits: HttpConnectionLimits;
  readonly #log: Log;
  /** The address, by the connection's place. */
  readonly #addresses = new Map<string, string>();
  readonly #perAddress = new Map<string, number>();
  #isSaid = false;

  constructor(limits: HttpConnectionLimits, log: Log) {
    this.#limits = limits;
    this.#log = log;
  }

  listen(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#admit(socket);
    });
  }

  /** It is answered by others from now on. */
  handOver(socket: Socket): void {
    this.#remove(placeOf(socket));
  }

  #admit(socket: Socket): void {
    const { most, mostPerAddress } = this.#limits;
    const address = socket.remoteAddress ?? '';
    const others = this.#perAddress.get(address) ?? 0;
    if (this.#addresses.size >= most || others >= mostPerAddress) {
      this.#refused(address);
      socket.destroy();
      return;
    }
    const place = placeOf(socket);
    if (this.#addresses.has(place)) return;
    this.#addresses.set(place, address);
    this.#perAddress.set(address, others + 1);
    socket.once('close', () => {
      this.#remove(place);
    });
  }

  /** Once, until there is room again: whoever fills the places must not fill the log as well. */
  #refused(address: string): void {
    if (this.#isSaid) return;
    this.#isSaid = true;
    const facts = { address, connections: this.#addresses.size };
    this.#log.warn(facts, 'refuses web connections: there are too many, in all or of this address');
  }

  #remove(place: string): void {
    const address = this.#addresses.get(place);
    if (address === undefined) return;
    this.#isSaid = false;
    this.#addresses.delete(place);
    const others = (this.#perAddress.get(address) ?? 1) - 1;
    if (others === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, others);
  }
}
