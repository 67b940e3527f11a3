// Ends connections so that what was said last is read. aedes destroys its sockets; where something a client sent is
// unread by then, the kernel answers with a reset (RFC 1122 §4.2.2.13), and a client that is just writing throws away
// what it had received: that the gateway is offline.
import type { Duplex } from 'node:stream';

/** Resolves when every client has closed from its side as well; how long that may take is the caller's to say. */
export async function sayFarewell(streams: Iterable<Duplex>, goodbye: () => void): Promise<void> {
  // aedes writes what was published a moment ago in later turns, two at most (lib/client.js, deliverQoS).
  for (let turn = 0; turn < 2; turn += 1) await nextTurn();
  goodbye();
  // What is written in a turn leaves at its end.
  await nextTurn();
  await Promise.all([...streams].map(async (stream) => end(stream)));
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function end(stream: Duplex): Promise<void> {
  // It may have gone in those turns, and does not say so again.
  if (stream.closed) return;
  const gone = new Promise((resolve) => stream.once('close', resolve));
  // Read on behalf of nobody, so that nothing is left unread.
  stream.removeAllListeners('readable');
  stream.resume();
  stream.end();
  await gone;
}
