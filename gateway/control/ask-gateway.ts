// The shell's end of the control socket.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { ERROR_CODES, type ErrorCode, GatewayError } from '../../shared/errors.js';
import { controlSocketPath } from './control-socket.js';

/** A trace of a thousand transactions is some hundred KB. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;

interface Answer {
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What the gateway that runs on the data folder answers; undefined where none runs. Rejects with the gateway's own
 * error, with `forbidden` where the gateway is another user's, or with `closed` where it ended meanwhile.
 */
export async function askGateway(
  dataDir: string,
  op: string,
  data: Readonly<Record<string, unknown>>,
): Promise<{ readonly data: unknown } | undefined> {
  const socketPath = controlSocketPath(dataDir);
  const request = httpRequest({ socketPath, path: `/request/${op}`, method: 'POST', agent: false });
  request.end(JSON.stringify(data));
  let answer: Answer;
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    answer = JSON.parse(await textOf(response)) as Answer;
  } catch (thrown) {
    if (isNobodyThere(thrown)) return undefined;
    throw failure(thrown, socketPath);
  }
  if (answer.error === undefined) return { data: answer.data };
  const { code, message } = answer.error;
  throw new GatewayError(isCode(code) ? code : 'internal', message);
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

/** The file is missing, or left over from a process that was killed; ENAMETOOLONG, EINVAL: no socket can be there. */
function isNobodyThere(thrown: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(errnoOf(thrown));
}

function failure(thrown: unknown, path: string): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (errnoOf(thrown) === 'EACCES')
    return new GatewayError(
      'forbidden',
      `The gateway is another user's: ${path} is not yours to use. Try sudo -u.`,
      {
        cause: thrown,
      },
    );
  return new GatewayError('closed', 'The gateway ended before it answered.', { cause: thrown });
}

function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
