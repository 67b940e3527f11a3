// The shell's end of the control socket.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { ERROR_CODES, type ErrorCode, GatewayError } from '../../shared/errors.js';
import { isInUse } from '../store/file/instance-lock.js';
import { atControlSocket, controlSocketPath } from './socket-path.js';

/** A trace of a thousand transactions is some hundred KB. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;

interface Answer {
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What the gateway that runs on the data folder answers; undefined where none runs. Rejects with the gateway's own
 * error, with `forbidden` where the gateway is another user's, and with `closed` where it runs and does not answer.
 */
export async function askGateway(
  dataDir: string,
  op: string,
  data: Readonly<Record<string, unknown>>,
): Promise<{ readonly data: unknown } | undefined> {
  let answer: Answer;
  try {
    answer = await atControlSocket(dataDir, (path) => ask(path, op, data));
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    if (!isNobodyThere(thrown)) throw await failure(thrown, dataDir);
    if (await isInUse(dataDir)) throw unreachable(dataDir, thrown);
    return undefined;
  }
  if (answer.error === undefined) return { data: answer.data };
  const { code, message } = answer.error;
  throw new GatewayError(isCode(code) ? code : 'internal', message);
}

async function ask(socketPath: string, op: string, data: Readonly<Record<string, unknown>>): Promise<Answer> {
  const request = httpRequest({ socketPath, path: `/request/${op}`, method: 'POST', agent: false });
  request.end(JSON.stringify(data));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return JSON.parse(await textOf(response)) as Answer;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_ANSWER_BYTES) throw new GatewayError('too_large', 'The answer is over 16 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The file is missing, or left over from a process that was killed. */
function isNobodyThere(thrown: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(errnoOf(thrown));
}

async function failure(thrown: unknown, dataDir: string): Promise<GatewayError> {
  if (errnoOf(thrown) === 'EACCES')
    return new GatewayError(
      'forbidden',
      `${controlSocketPath(dataDir)} is not yours to use: the data folder is another user's. Try sudo -u.`,
      { cause: thrown },
    );
  if (await isInUse(dataDir))
    return new GatewayError(
      'closed',
      `The gateway on ${dataDir} runs, but hung up before it answered: too many ask it at once. Try again.`,
      { cause: thrown },
    );
  return new GatewayError('closed', 'The gateway ended before it answered.', { cause: thrown });
}

function unreachable(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError(
    'closed',
    `A gateway runs on ${dataDir}, but ${controlSocketPath(dataDir)} is not there to reach it by: it is starting or stopping, ` +
      'or its log says why the folder can have no socket.',
    { cause },
  );
}

function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
