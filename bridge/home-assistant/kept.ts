// Whether the broker keeps what Home Assistant is told. With MQTT 3.1.1 it takes what its user may not write without a word, so
// that is looked for there.
import type { Clock, MessageBus } from '../../shared/ports.js';

/** A broker gives what is retained at once, a busy one a little later. */
const LONGEST_MS = 5000;

/** Resolves with whether something is retained on that topic, or comes there; rejects where it can't be subscribed to. */
export async function isKept(
  topic: string,
  bus: Pick<MessageBus, 'subscribe'>,
  clock: Pick<Clock, 'after'>,
  signal: AbortSignal,
): Promise<boolean> {
  let found: (isFound: boolean) => void = () => undefined;
  const looking = new Promise<boolean>((resolve) => (found = resolve));
  const unsubscribe = await bus.subscribe(topic, 1, ({ payload }) => {
    if (payload.length > 0) found(true);
  });
  const cancel = clock.after(LONGEST_MS, () => {
    found(false);
  });
  const end = (): void => {
    found(false);
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await looking;
  } finally {
    signal.removeEventListener('abort', end);
    cancel();
    await unsubscribe();
  }
}
