// The properties of a PUBLISH, read off its bytes for the short way in (delivery/publish-lane.ts). What is not plain, and
// what breaks a rule, is for aedes' parser and the rules behind it.
import {
  CONTENT_TYPE,
  CORRELATION_DATA,
  MESSAGE_EXPIRY,
  PAYLOAD_FORMAT,
  RESPONSE_TOPIC,
  USER_PROPERTY,
} from './message-properties.js';
import type { ParsedProperties } from './message-properties.js';
import { BytesReader } from './bytes-reader.js';

interface Found {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Buffer;
  userProperties?: [string, string][];
}

/** Of the bytes between `start` and `end`; undefined where aedes shall read them. */
export function readProperties(bytes: Buffer, start: number, end: number): ParsedProperties | undefined {
  const reader = new BytesReader(bytes, start, end);
  const found: Found = {};
  while (!reader.isAtEnd) if (!readOne(reader, found)) return undefined;
  return found;
}

/** False where aedes shall say what it is. Each but a user property comes once. */
function readOne(reader: BytesReader, found: Found): boolean {
  switch (reader.byte()) {
    case PAYLOAD_FORMAT: {
      const value = reader.byte();
      if (found.payloadFormatIndicator !== undefined || value === undefined || value > 1) return false;
      found.payloadFormatIndicator = value === 1;
      return true;
    }
    case MESSAGE_EXPIRY: {
      const value = reader.four();
      if (found.messageExpiryInterval !== undefined || value === undefined) return false;
      found.messageExpiryInterval = value;
      return true;
    }
    case CONTENT_TYPE: {
      const value = reader.text();
      if (found.contentType !== undefined || value === undefined) return false;
      found.contentType = value;
      return true;
    }
    case RESPONSE_TOPIC: {
      const value = reader.text();
      if (found.responseTopic !== undefined || value === undefined || !isTopicName(value)) return false;
      found.responseTopic = value;
      return true;
    }
    case CORRELATION_DATA: {
      const value = reader.binary();
      if (found.correlationData !== undefined || value === undefined) return false;
      found.correlationData = value;
      return true;
    }
    case USER_PROPERTY:
      return readPair(reader, found);
    default:
      return false;
  }
}

function readPair(reader: BytesReader, found: Found): boolean {
  const [name, value] = [reader.text(), reader.text()];
  if (name === undefined || value === undefined) return false;
  (found.userProperties ??= []).push([name, value]);
  return true;
}

/** Of a message: not empty, and without wildcards [MQTT-4.7.0-1] [MQTT-4.7.3-1]. */
export function isTopicName(text: string): boolean {
  return text !== '' && !/[+#]/.test(text);
}
