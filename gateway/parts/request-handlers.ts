// What request/<op> answers: one line an operation.
import type { History } from '../../bridge/history/history.js';
import { pauseHandler, resumeHandler } from '../../bridge/requests/pauses.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import type { Alarms } from '../alarms/build.js';
import type { Reloader } from '../reload/reloader.js';
import { reloadHandler } from '../reload/request.js';
import type { LogbookParts } from './logbook.js';
import type { PlugBoard } from '../i2c/simulated/plug-board.js';
import { logLevelHandler } from '../logging/level-request.js';
import type { Logger } from '../logging/logger.js';

export interface Answerers {
  readonly logger: Logger;
  readonly simulate: boolean;
  readonly history: History;
  readonly logbook: LogbookParts;
  readonly plugs: PlugBoard;
  readonly poller: Poller;
  readonly alarms: Pick<Alarms, 'keeper'>;
  /** Asked for at each request: it is built after this. */
  readonly reloader: () => Reloader | undefined;
}

export function requestHandlers({
  logger,
  simulate,
  history,
  logbook,
  plugs,
  poller,
  alarms,
  reloader,
}: Answerers): Map<string, RequestHandler> {
  const handlers = new Map<string, RequestHandler>([
    ['history', (data) => history.answer(data)],
    ['pause', pauseHandler(poller)],
    ['resume', resumeHandler(poller)],
    ['alarms', (data) => alarms.keeper.list(data)],
    ['acknowledge', (data, asker) => alarms.keeper.acknowledge(data, asker)],
    ['logbook', (data) => logbook.answer(data)],
    ['log_level', logLevelHandler(logger)],
    ['reload', reloadHandler(reloader)],
  ]);
  if (simulate) handlers.set('simulate', (data) => plugs.answer(data));
  return handlers;
}
