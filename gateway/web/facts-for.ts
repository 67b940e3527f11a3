// What the page is told, for who asks: without what he would be refused.
import { Topics } from '../../shared/topics.js';
import type { Caller } from './access.js';
import { PAGE_REQUESTS, type GatewayFacts, type PageFacts } from './facts.js';

/** By device the names of its commands. */
export type CommandNames = ReadonlyMap<string, readonly string[]>;

export function factsFor(facts: GatewayFacts, caller: Caller, commands: CommandNames): PageFacts {
  const topics = new Topics(facts.base, facts.gateway);
  const refusedCommands = [...commands].flatMap(([device, names]) =>
    // Whose description he may not read, of that he does not hear what it is called.
    caller.mayReadTopic(device, 'meta')
      ? names.filter((name) => !caller.mayCommand(device, name)).map((name) => topics.command(device, name))
      : [],
  );
  const requests = PAGE_REQUESTS.filter((op) => caller.mayRequest(op));
  return { ...facts, ...(caller.user === undefined ? {} : { user: caller.user }), refusedCommands, requests };
}
