// What request/<op> answers: one line an operation.
import type { History } from '../../bridge/history/history.js';
import { pauseHandler, resumeHandler } from '../../bridge/requests/pauses.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
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
  reloader,
}: Answerers): Map<string, RequestHandler> {
  const handlers = new Map<string, RequestHandler>([
    ['history', (data) => history.answer(data)],
    ['pause', pauseHandler(poller)],
    ['resume', resumeHandler(poller)],
    ['logbook', (data) => logbook.answer(data)],
    ['log_level', logLevelHandler(logger)],
    ['reload', reloadHandler(reloader)],
  ]);
  if (simulate) handlers.set('simulate', (data) => plugs.answer(data));
  return handlers;
}
