// Multiplexers: how each kind is told its channel, and that one is of one kind.
import type { Device } from '../../device-type.js';
import type { MuxChannel } from '../../ports.js';
import type { Problem } from '../problem.js';
import type { ConfigInput } from '../schema/document.js';
import type { MuxChip } from '../schema/mux-chips.js';

type BehindInput = NonNullable<ConfigInput['devices'][string]['behind']>;

/** The bit beside the number of a channel; chips that are not here have a bit for each channel. */
const ENABLE: Readonly<Partial<Record<MuxChip, number>>> = { pca9540: 4, pca9542: 4, pca9544: 4, pca9547: 8 };
const CHANNELS: Readonly<Partial<Record<MuxChip, number>>> = { pca9540: 2, pca9542: 2, pca9544: 4 };

export function resolveBehind(
  device: string,
  { mux, channel, chip }: BehindInput,
  problems: Problem[],
): MuxChannel {
  const channels = CHANNELS[chip] ?? 8;
  if (channel >= channels)
    problems.push({
      path: ['devices', device, 'behind', 'channel'],
      message: `is ${String(channel)}, and a ${chip} has the channels 0 to ${String(channels - 1)}`,
    });
  const enable = ENABLE[chip];
  return enable === undefined ? { mux, channel } : { mux, channel, enable };
}

/** Whoever selects a channel of a multiplexer has to know how. */
export function reportMuxChips(devices: readonly Device[], problems: Problem[]): void {
  const seen = new Map<string, Device>();
  for (const device of devices) {
    const { id, bus, via } = device;
    if (via === undefined) continue;
    const place = `${bus} ${String(via.mux)}`;
    const other = seen.get(place);
    if (other !== undefined && other.via?.enable !== via.enable)
      problems.push({
        path: ['devices', id, 'behind', 'chip'],
        message: `is told its channel otherwise than at ${other.id}; say the same chip at all devices behind it`,
      });
    seen.set(place, other ?? device);
  }
}
