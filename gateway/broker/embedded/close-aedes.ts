// Ends aedes and its connections, each step within its deadline: aedes leaves half-open sockets behind.
import type { Aedes } from 'aedes';
import type { Clock } from '../../../shared/ports.js';
import type { Connections } from '../doors/connections.js';
import { within } from '../../../shared/within.js';
import { sayFarewell } from '../doors/farewell.js';
import { sayLast } from '../doors/last-word.js';
import { connected } from './aedes-gaps.js';
import type { BrokerLimits } from '../mqtt/limits.js';

export async function closeAedes(
  aedes: Aedes,
  connections: Connections,
  limits: Pick<BrokerLimits, 'farewellMs' | 'stopDeadlineMs'>,
  clock: Clock,
): Promise<void> {
  const goodbye = (): void => {
    for (const client of Object.values(connected(aedes))) sayLast(client, 'shuttingDown');
  };
  await within(sayFarewell(connections.streams(), goodbye), limits.farewellMs, clock);
  const closed = new Promise<void>((resolve) => {
    aedes.close(() => {
      resolve();
    });
  });
  await within(closed, limits.stopDeadlineMs, clock);
  for (const stream of connections.streams()) stream.destroy();
}
