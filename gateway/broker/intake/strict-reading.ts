// Makes aedes' parser (mqtt-packet 9.0) strict where it makes something of what MQTT does not allow: text that is not UTF-8
// becomes another text, a property may be cut short or belong to another packet, and bytes behind a packet's end are nothing.
import type { EventEmitter } from 'node:events';
import type { Client } from 'aedes';
import { isText } from '../mqtt/bytes-reader.js';
import { checkedProperties } from '../mqtt/property-rules.js';
import { BrokenRule } from '../mqtt/reasons.js';

/** What it has of the packet in hand. */
interface Parser extends EventEmitter {
  readonly packet: {
    readonly cmd: string;
    readonly length: number;
    readonly will?: object;
    readonly clientId?: string;
  };
  readonly _list: { slice(start: number, end: number): Buffer; readonly length: number };
  _pos: number;
  _parseString: () => string | null;
  _parseProperties: () => object;
  _emitError: (error: Error) => void;
}

/** They may end ahead of their properties (MQTT 5.0 §3.14.2.2 and §3.15.2.1). */
const MAY_BE_SHORT = new Set(['disconnect', 'auth']);

export function readStrictly(client: Client): void {
  const parser = (client as Client & { readonly _parser: Parser })._parser;
  const parseString = parser._parseString.bind(parser);
  const parseProperties = parser._parseProperties.bind(parser);
  const emitError = parser._emitError.bind(parser);
  const end = (rule: BrokenRule): void => {
    // It reads on to the packet's end, and would find another fault in what is left.
    parser._emitError = () => undefined;
    emitError(rule);
  };
  parser._parseString = () => {
    const start = parser._pos + 2;
    const text = parseString();
    if (text === null || isText(parser._list.slice(start, parser._pos))) return text;
    end(new BrokenRule('malformed', '[MQTT-1.5.4-1] text is UTF-8 without U+0000'));
    return null;
  };
  parser._parseProperties = () => {
    const { packet, _list: bytes, _pos: at } = parser;
    if (at >= packet.length && MAY_BE_SHORT.has(packet.cmd)) return {};
    const rest = bytes.slice(at, packet.length);
    const { rule, userProperties } = checkedProperties(rest, isWill(parser) ? 'will' : packet.cmd);
    if (rule === undefined) {
      const parsed = parseProperties();
      // It sorts them by name, and loses those with an empty value.
      return userProperties.length === 0 ? parsed : Object.assign(parsed, { userProperties });
    }
    end(rule);
    return {};
  };
}

/** Whether all of a packet was read: within its listeners the parser stands where it ended. */
export function isReadToItsEnd(client: Client, packet: { readonly cmd: string }): boolean {
  const { _pos: at, packet: current } = (client as Client & { readonly _parser: Parser })._parser;
  // A message is all the rest, and is not counted.
  return packet.cmd === 'publish' || at === current.length;
}

function isWill({ packet }: Parser): boolean {
  return packet.will !== undefined && packet.clientId !== undefined;
}
