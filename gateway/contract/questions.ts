// The schemas of what is sent to the gateway: those that check it, with the request's answer beside it.
import { z } from 'zod';
import { acknowledgeRequest, alarmsRequest } from '../../bridge/alarms/keeper.js';
import { commandEnvelope } from '../../bridge/commands/payload.js';
import { historyRequest, pointsRequest } from '../../bridge/history/request.js';
import { logbookRequest } from '../../bridge/logbook/request.js';
import { sentTelemetry } from '../../bridge/recording/payload.js';
import { pauseRequest, resumeRequest } from '../../bridge/requests/pauses.js';
import { readRequest, scanRequest, traceRequest, writeRequest } from '../../bridge/requests/raw-payload.js';
import { plugRequest } from '../i2c/simulated/plug-board.js';
import { addDeviceRequest, deviceKindsRequest } from '../edit/add-device.js';
import { levelRequest } from '../logging/level-request.js';
import { reloadRequest } from '../reload/request.js';
import type { AnswerName } from './answers.js';
import { value } from './words.js';

/** What its own check takes by hand has its form here. */
const commandObject = commandEnvelope.extend({
  args: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
});

export const command = z
  .union([commandObject, z.number(), z.boolean()])
  .describe('Or a bare value for the only argument, or an empty payload where there is none.');

export const telemetry = sentTelemetry
  .extend({
    values: z.record(z.string().min(1).max(64), value),
    errors: z.record(z.string().min(1).max(64), z.string().max(64)).optional(),
  })
  .describe('A sample of a client’s own.');

export interface Operation {
  readonly what: string;
  readonly question: z.ZodObject;
  /** Where there are two forms of it. */
  readonly orQuestion?: z.ZodObject;
  /** One of them. */
  readonly answers: readonly AnswerName[];
}

/** By `<op>` of `request/<op>`. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  history: {
    what: 'what was measured, as samples or made small as points',
    question: historyRequest,
    orQuestion: pointsRequest,
    answers: ['History', 'Points'],
  },
  logbook: {
    what: 'commands with their answers, and events',
    question: logbookRequest,
    answers: ['Logbook'],
  },
  pause: { what: 'leaves a device alone for a time', question: pauseRequest, answers: ['Pause'] },
  resume: { what: 'ends a pause', question: resumeRequest, answers: ['Resume'] },
  alarms: { what: 'every alarm, as its topic has it', question: alarmsRequest, answers: ['Alarms'] },
  acknowledge: {
    what: 'says that somebody knows of an alarm',
    question: acknowledgeRequest,
    answers: ['Acknowledge'],
  },
  scan: { what: 'who is on a bus', question: scanRequest, answers: ['Scan'] },
  read: { what: 'reads bytes from an address', question: readRequest, answers: ['RawTransaction'] },
  write: {
    what: 'writes bytes to an address, where mqtt.raw_writes allows it',
    question: writeRequest,
    answers: ['RawTransaction'],
  },
  trace: { what: 'the last transactions of devices', question: traceRequest, answers: ['Trace'] },
  log_level: { what: 'how much is logged', question: levelRequest, answers: ['LogLevel'] },
  reload: {
    what: 'takes up what has changed in the configuration’s file, and tells it',
    question: reloadRequest,
    answers: ['Reload'],
  },
  add_device: {
    what: 'shows, tries or saves a device for the configuration’s file, where configuration.edit allows it',
    question: addDeviceRequest,
    answers: ['Addition'],
  },
  device_kinds: {
    what: 'what a device at an address may be, where configuration.edit allows it',
    question: deviceKindsRequest,
    answers: ['Kinds'],
  },
  simulate: {
    what: 'pulls a simulated device off its bus, or puts it back; only with simulated buses',
    question: plugRequest,
    answers: ['Plug'],
  },
};
