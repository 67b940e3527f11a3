// Ends aedes and its connections, each step within its deadline: aedes leaves half-open sockets behind (DESIGN §7).
import type { Aedes } from 'aedes';
import type { Clock } from '../../shared/ports.js';
import type { Connections } from './connections.js';
import { within } from './deadline.js';
import { sayFarewell } from './farewell.js';
import type { BrokerLimits } from './limits.js';

export async function closeAedes(
  aedes: Aedes,
  connections: Connections,
  limits: Pick<BrokerLimits, 'farewellMs' | 'stopDeadlineMs'>,
  clock: Clock,
): Promise<void> {
  await within(sayFarewell(connections.streams()), limits.farewellMs, clock);
  const closed = new Promise<void>((resolve) => {
    aedes.close(() => {
      resolve();
    });
  });
  await within(closed, limits.stopDeadlineMs, clock);
  for (const stream of connections.streams()) stream.destroy();
}
