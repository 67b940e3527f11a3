// Why MongoDB takes no samples, as a name that stays and a sentence on what to do: for the health topic and the log.
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerSelectionError,
} from 'mongodb';
import type { StoreCondition } from '../../../shared/stores.js';
import { rootOf } from './errors.js';

const SENTENCES = {
  server_down:
    'No server answers at the address of MONGODB_URI. Check that it runs and that the network leads to it.',
  fail_over:
    'The replica set has no primary just now. It elects one by itself within seconds; if not, look at its members.',
  no_majority: 'Too few members of the replica set confirm what is written. Look at its secondaries.',
  quota:
    'Atlas has stopped writing for this cluster: its storage or plan is used up. Free space there, or take a larger plan.',
  disk_full: 'The disk of the MongoDB server is full. Free space there.',
  wrong_password: 'MongoDB does not accept the user or the password. Check MONGODB_URI.',
  no_rights: 'The user of MONGODB_URI may not write to this database. Give it the role readWrite.',
  hanging:
    'The server took the request and did not answer in time. It is overloaded, or the network swallows packets.',
  unknown: 'MongoDB failed in a way that has no name here. The error says what the server said.',
} as const satisfies Record<string, string>;

type Name = keyof typeof SENTENCES;

/** The server's error_codes.yml. */
const NAMES: Readonly<Record<number, Name>> = {
  11: 'wrong_password', // UserNotFound
  18: 'wrong_password', // AuthenticationFailed
  13: 'no_rights', // Unauthorized
  31: 'no_rights', // RoleNotFound
  8000: 'quota', // AtlasError
  14031: 'disk_full', // OutOfDiskSpace
  50: 'hanging', // MaxTimeMSExpired
  262: 'hanging', // ExceededTimeLimit
  64: 'no_majority', // WriteConcernFailed
  79: 'no_majority', // UnknownReplWriteConcern
  100: 'no_majority', // UnsatisfiableWriteConcern
  91: 'fail_over', // ShutdownInProgress
  189: 'fail_over', // PrimarySteppedDown
  10058: 'fail_over', // LegacyNotPrimary
  10107: 'fail_over', // NotWritablePrimary
  11600: 'fail_over', // InterruptedAtShutdown
  11602: 'fail_over', // InterruptedDueToReplStateChange
  13435: 'fail_over', // NotPrimaryNoSecondaryOk
  13436: 'fail_over', // NotPrimaryOrSecondary
};

/** Of what the driver threw, or of the GatewayError made of it. */
export function conditionOfMongo(thrown: unknown): StoreCondition {
  const name = nameOf(rootOf(thrown));
  return { name, sentence: SENTENCES[name] };
}

function nameOf(root: unknown): Name {
  const codes = codesOf(root);
  // Atlas says 8000 of a wrong password as well: "bad auth : Authentication failed".
  if (codes.includes(8000) && root instanceof Error && /\bauth/i.test(root.message)) return 'wrong_password';
  const named = codes.map((code) => (typeof code === 'number' ? NAMES[code] : undefined)).find(Boolean);
  if (named !== undefined) return named;
  if (root instanceof MongoNetworkTimeoutError) return 'hanging';
  if (root instanceof MongoServerSelectionError) return selectionName(root);
  return root instanceof MongoNetworkError ? 'server_down' : 'unknown';
}

/** Its own, and where it is of many documents theirs: its own is then only the first's. */
function codesOf(root: unknown): readonly unknown[] {
  const ofDocuments =
    root instanceof MongoBulkWriteError ? [root.writeErrors].flat().map(({ code }) => code) : [];
  return root instanceof MongoError ? [root.code, ...ofDocuments] : [];
}

/** Members that answer, but none of them a primary: an election; the driver keeps what it knew of them. */
function selectionName({ reason }: MongoServerSelectionError): Name {
  if (
    reason?.type === 'ReplicaSetNoPrimary' &&
    [...reason.servers.values()].some(({ type }) => type !== 'Unknown')
  )
    return 'fail_over';
  return 'server_down';
}
