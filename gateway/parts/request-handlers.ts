// What request/<op> answers: one line an operation.
import type { History } from '../../bridge/history/history.js';
import { pauseHandler, resumeHandler } from '../../bridge/requests/pauses.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
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
  /** Takes up the configuration's file; absent where there is none. */
  readonly reload?: (() => Promise<unknown>) | undefined;
}

export function requestHandlers({
  logger,
  simulate,
  history,
  logbook,
  plugs,
  poller,
  reload,
}: Answerers): Map<string, RequestHandler> {
  const handlers = new Map<string, RequestHandler>([
    ['history', (data) => history.answer(data)],
    ['pause', pauseHandler(poller)],
    ['resume', resumeHandler(poller)],
    ['logbook', (data) => logbook.answer(data)],
    ['log_level', logLevelHandler(logger)],
  ]);
  if (reload !== undefined) handlers.set('reload', reload);
  if (simulate) handlers.set('simulate', (data) => plugs.answer(data));
  return handlers;
}
