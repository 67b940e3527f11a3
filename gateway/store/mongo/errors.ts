// What MongoDB's errors mean for a batch: away, refusing, or broken. The numbers are the server's error_codes.yml.
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { GatewayError } from '../../../shared/errors.js';

/** Credentials, rights, quota and room: somebody has to do something. */
const REFUSED_CODES: ReadonlySet<unknown> = new Set([
  11, // UserNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  31, // RoleNotFound
  8000, // AtlasError: quota, blocked, wrong user
  14031, // OutOfDiskSpace
]);

/** The server is there, but can't just now: stepping down, starting, shutting down, too slow. */
const AWAY_CODES: ReadonlySet<unknown> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed: what it said of the documents is not to be relied on
  79, // UnknownReplWriteConcern
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** The document itself will never be taken, whoever sends it and whenever. */
const POISON_CODES: ReadonlySet<unknown> = new Set([
  2, // BadValue
  14, // TypeMismatch
  22, // InvalidBSON
  52, // DollarPrefixedFieldName
  53, // InvalidIdField
  55, // InvalidDBRef
  56, // EmptyFieldName
  57, // DottedFieldName
  121, // DocumentValidationFailure: a validator somebody put on the collection
  171, // CannotIndexParallelArrays
  10334, // BSONObjectTooLarge
  16755, // a geo index can't take the value
  16766, // a text index can't take the value
]);

/** Whether the code says something of the server and so of every document, not of this one. */
export function concernsAll(code: unknown): boolean {
  return REFUSED_CODES.has(code) || AWAY_CODES.has(code);
}

export function isPoisonCode(code: unknown): boolean {
  return POISON_CODES.has(code);
}

/**
 * Any thrown thing as store_unreachable, store_refused or store_failed: in each case the batch stays.
 * `decidingCode`: of the one write error among many that decides, where the thrown thing has only the first's.
 */
export function classifyMongoError(thrown: unknown, decidingCode?: number): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const root = rootOf(thrown);
  const code = decidingCode ?? (root instanceof MongoError ? root.code : undefined);
  if (REFUSED_CODES.has(code)) return classified('store_refused', 'MongoDB refuses the gateway', thrown);
  if (AWAY_CODES.has(code) || AWAY_CLASSES.some((away) => root instanceof away)) {
    return classified('store_unreachable', 'MongoDB cannot be reached or did not answer', thrown);
  }
  return classified('store_failed', 'MongoDB failed', thrown);
}

/** MaxTimeMSExpired: the server ended a question of ours that took it too long. Sending it again would not help. */
export function tooLong(thrown: unknown): GatewayError | undefined {
  if (!(thrown instanceof MongoError) || thrown.code !== 50) return undefined;
  const message =
    'MongoDB did not get through this range in 10 s and ended the question. Ask for a shorter range, or for several; ' +
    'if that does not help, look whether the collection has its index on device and ts.';
  return new GatewayError('too_large', message, { cause: thrown });
}

const AWAY_CLASSES = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
] as const;

/** A connection lost in the middle comes as a bulk error without write errors; the driver keeps the true one inside. */
export function rootOf(thrown: unknown): unknown {
  if (thrown instanceof GatewayError) return rootOf(thrown.cause);
  const inner: unknown = thrown instanceof MongoBulkWriteError ? thrown.errorResponse : undefined;
  return inner instanceof Error ? inner : thrown;
}

function classified(
  code: 'store_unreachable' | 'store_refused' | 'store_failed',
  text: string,
  cause: unknown,
): GatewayError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError(code, `${text}: ${detail}`, { cause });
}
