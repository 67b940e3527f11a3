// Who is connected by which id: one connection at a time [MQTT-3.1.4-2], and each that came is told to have gone. aedes takes
// over by the id alone: one that comes while the one before it is still closing is registered at once, is then taken out in
// its place, and never counted as gone itself. Here it waits until its place is free, behind who came before it.
import type { Aedes, Client } from 'aedes';

export interface Registering {
  readonly clients: Record<string, Client>;
  readonly _takingOver: Set<string>;
  registerClient(client: Client): void;
  unregisterClient(client: Client): void;
  _finishRegisterClient(client: Client): void;
}

type Leaving = Client & { disconnect(options: { readonly reasonCode: number }): void };

/** MQTT 5.0, §3.14.2.1. */
const TAKEN_OVER = 0x8e;

/** Takes the place of aedes' own (2.0.0-beta.1). */
export function registerOneAtATime(aedes: Aedes & Registering): void {
  const finish = aedes._finishRegisterClient.bind(aedes);
  const unregister = aedes.unregisterClient.bind(aedes);
  const waiting = new Map<string, Client[]>();

  const takeOver = (present: Client): void => {
    aedes._takingOver.add(present.id);
    (present as Leaving).disconnect({ reasonCode: TAKEN_OVER });
  };

  const register = (client: Client): void => {
    finish(client);
    // It went while it waited: those who were told of it are told that, too.
    if (client.closed) aedes.unregisterClient(client);
    else if (waiting.has(client.id)) takeOver(client);
  };

  aedes.registerClient = (client) => {
    const present = aedes.clients[client.id];
    if (present === undefined) {
      register(client);
      return;
    }
    const others = waiting.get(client.id);
    if (others === undefined) waiting.set(client.id, [client]);
    else others.push(client);
    if (!aedes._takingOver.has(client.id)) takeOver(present);
  };

  aedes.unregisterClient = (client) => {
    // It has not had its turn yet, or is another one's former connection.
    if (aedes.clients[client.id] !== client) return;
    unregister(client);
    const others = waiting.get(client.id);
    const next = others?.shift();
    if (others?.length === 0) waiting.delete(client.id);
    if (next !== undefined) register(next);
  };
}
