// The messages of a gateway and of its buses, as the page shows them.
import type { BudgetHealth } from '../../../../bridge/trace/budget.js';
import type { BusQueueStats } from '../../../../bridge/bus/queue.js';
import type { RecoveryCounts } from '../../../../bridge/bus/ladder.js';
import type { OutputMark } from '../../../../bridge/outputs/marks.js';
import type { EventMessage, ReplyMessage, StatusMessage } from '../../../../shared/messages.js';
import type { FileTrouble, GatewayLife, Happening, ShownBus } from './model.js';
import { listOf, numberOf, objectIn, objectOf, present, textOf, type Unsure } from './unsure.js';

/** What `bus/<b>/health` is made of. */
interface BusSaid extends BusQueueStats {
  readonly ts: number;
  readonly state: 'up' | 'down';
  readonly utilisation: number;
  readonly recovery: RecoveryCounts;
  readonly budget: Pick<BudgetHealth, 'scheduled' | 'measured' | 'overloadedSince'>;
}

export function readBus(id: string, payload: Uint8Array): ShownBus {
  const said: Unsure<BusSaid> = objectIn<BusSaid>(payload) ?? {};
  const waiting = objectOf<BusQueueStats['waiting']>(said.waiting);
  const budget = objectOf<BusSaid['budget']>(said.budget);
  const steps = Object.entries(objectOf<RecoveryCounts>(said.recovery) ?? {});
  const counts = { transactions: numberOf(said.transactions), failures: numberOf(said.failures) };
  const shares = { scheduled: numberOf(budget?.scheduled), measured: numberOf(budget?.measured) };
  return {
    ...{ id, state: said.state === 'up' || said.state === 'down' ? said.state : 'unknown' },
    ...present({ ts: numberOf(said.ts), utilisation: numberOf(said.utilisation), ...counts, ...shares }),
    waiting: { command: numberOf(waiting?.command) ?? 0, poll: numberOf(waiting?.poll) ?? 0 },
    isOverloaded: numberOf(budget?.overloadedSince) !== undefined,
    recovery: steps.flatMap(([step, count]) =>
      typeof count === 'number' && count > 0 ? [[step, count]] : [],
    ),
  };
}

export function readStatus(payload: Uint8Array): GatewayLife['state'] {
  const state = objectIn<StatusMessage>(payload)?.state;
  return state === 'online' || state === 'offline' ? state : 'unknown';
}

/** What a gateway says it has. */
export function readInfo(payload: Uint8Array): {
  readonly devices: ReadonlySet<unknown>;
  readonly buses: ReadonlySet<string>;
} {
  const said = objectIn<{ devices: unknown; buses: unknown }>(payload);
  const buses = Object.keys(objectOf<Record<string, unknown>>(said?.buses) ?? {});
  return { devices: new Set(listOf(said?.devices)), buses: new Set(buses) };
}

interface HealthSaid {
  readonly outputs: unknown;
  readonly store: unknown;
  readonly configuration: unknown;
}

/** What of the health topic needs attention. */
export function readHealth(
  payload: Uint8Array,
): Pick<GatewayLife, 'leftOn' | 'held' | 'storeTrouble' | 'file'> {
  const said = objectIn<HealthSaid>(payload) ?? {};
  const outputs = objectOf<{ leftOn: unknown; held: unknown; leftOut: unknown }>(said.outputs);
  const held = listOf(outputs?.held).flatMap((one) => {
    const mark = objectOf<OutputMark>(one);
    const [device, command, untilTs] = [textOf(mark?.device), textOf(mark?.command), numberOf(mark?.until)];
    if (device === undefined || command === undefined || untilTs === undefined) return [];
    return [{ device, command, untilTs }];
  });
  const leftOn = listOf(outputs?.leftOn).flatMap((one) => {
    const mark = objectOf<OutputMark>(one);
    return mark === undefined ? [] : [`${textOf(mark.device) ?? '?'} ${textOf(mark.command) ?? ''}`.trim()];
  });
  const store = textOf(objectOf<{ state: unknown }>(said.store)?.state);
  const isWell = store === undefined || store === 'ok' || store === 'unknown';
  return {
    leftOn,
    held: { outputs: held, isWhole: outputs?.leftOut === undefined },
    ...(isWell ? {} : { storeTrouble: store }),
    file: fileTroubleOf(said.configuration),
  };
}

function fileTroubleOf(configuration: unknown): FileTrouble {
  const said = objectOf<{ refused: unknown; needsRestart: unknown }>(configuration);
  const refused = objectOf<{ count: unknown; mistakes: unknown }>(said?.refused);
  const mistake = textOf(listOf(refused?.mistakes)[0]);
  const needsRestart = listOf(said?.needsRestart).flatMap((setting) => textOf(setting) ?? []);
  if (mistake === undefined) return { needsRestart };
  return { needsRestart, refused: { mistake, more: (numberOf(refused?.count) ?? 1) - 1 } };
}

export function readReply(payload: Uint8Array): ReplyMessage | undefined {
  const said = objectIn<ReplyMessage>(payload);
  if (said === undefined || typeof said.id !== 'string' || typeof said.status !== 'string') return undefined;
  const error = objectOf<NonNullable<ReplyMessage['error']>>(said.error);
  const cleaned = {
    ...{ id: said.id, status: said.status, ts: numberOf(said.ts) ?? 0, ms: numberOf(said.ms) ?? 0 },
    ...present({ by: textOf(said.by), of: textOf(said.of) }),
    ...(said.repeated === true ? { repeated: true } : {}),
    ...(error === undefined
      ? {}
      : { error: { code: textOf(error.code) ?? '', message: textOf(error.message) ?? '' } }),
  };
  return cleaned as ReplyMessage;
}

export function readEvent(gateway: string, payload: Uint8Array): Happening | undefined {
  const said = objectIn<EventMessage>(payload);
  const type = textOf(said?.type);
  const ts = numberOf(said?.ts);
  if (said === undefined || type === undefined || ts === undefined) return undefined;
  const event = {
    ...{ type, ts },
    ...present({ device: textOf(said.device), bus: textOf(said.bus), code: textOf(said.code) }),
    ...present({ command: textOf(said.command), message: textOf(said.message), hint: textOf(said.hint) }),
    ...present({ by: textOf(said.by) }),
  };
  return { kind: 'event', gateway, event: event as EventMessage };
}

interface LineSaid {
  readonly time: string;
  readonly msg: string;
  readonly device: string;
}

export function readLogLine(
  gateway: string,
  level: string,
  payload: Uint8Array,
  now: number,
): Happening | undefined {
  const said = objectIn<LineSaid>(payload);
  const message = textOf(said?.msg);
  if (said === undefined || message === undefined) return undefined;
  const time = Date.parse(textOf(said.time) ?? '');
  const device = textOf(said.device);
  const text = device === undefined ? message : `${device}: ${message}`;
  return { kind: 'log', gateway, level, text, ts: Number.isNaN(time) ? now : time };
}
