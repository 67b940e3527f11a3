// A recovering bus over scripted wires, with the clock of the test and all that it says.
import { RecoveringBus, type RecoveringBusOptions } from '../../../bridge/bus/recovering.js';
import type { RecoveryStep } from '../../../bridge/bus/step-sayer.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import { FakeClock } from '../fake-clock.js';
import { ScriptedBus, type Behaviour } from './scripted-bus.js';

export const failing = (code: ErrorCode): ReturnType<Behaviour> => ({
  error: new GatewayError(code, 'as scripted'),
});
export const FINE: ReturnType<Behaviour> = { bytes: [1] };

export interface Story extends Partial<Omit<RecoveringBusOptions, 'clock'>> {
  readonly clock?: FakeClock;
  /** What every bus that is opened does. */
  readonly behaviour: Behaviour;
}

export function setUp({ behaviour, clock = new FakeClock(), ...options }: Story) {
  const steps: RecoveryStep[] = [];
  const downs: GatewayError[] = [];
  const opened: ScriptedBus[] = [];
  const lost: ((error: GatewayError) => void)[] = [];
  const bus = new RecoveringBus({
    name: 'bus main',
    clock,
    afterDown: false,
    open: (onLost) => {
      lost.push(onLost);
      const next = new ScriptedBus(clock, behaviour);
      opened.push(next);
      return Promise.resolve(next);
    },
    onStep: (step) => steps.push(step),
    onDown: (error) => downs.push(error),
    ...options,
  });
  /** The outcome of one read, with time for all that follows from it. */
  const read = async (address: number, repeatable = false): Promise<string> => {
    const outcome = bus.transfer({ address, readLength: 1 }, { repeatable }).then(
      () => 'ok',
      (error: unknown) => (error instanceof GatewayError ? error.code : 'no GatewayError'),
    );
    const [result] = await Promise.all([outcome, clock.advance(7000)]);
    return result;
  };
  const reads = async (address: number, count: number): Promise<string[]> => {
    const outcomes: string[] = [];
    for (let n = 0; n < count; n += 1) outcomes.push(await read(address));
    return outcomes;
  };
  const said = (): string[] => steps.map(({ type }) => type);
  const counts = (): Readonly<Record<string, number>> => ({ ...bus.counts() });
  return { clock, bus, steps, downs, opened, lost, read, reads, said, counts };
}

export async function opened(story: Story) {
  const world = setUp(story);
  await world.bus.open();
  return world;
}
