// Mosquitto's rules of access, rule for rule (security_default.c of 2.0.11): a deny of the user's own comes first, then
// the user's own grants, then the patterns, which are everybody's. What nothing grants is denied.
import { filterMatches } from '../mqtt/topic-filter.js';
import { filterCovers, filtersOverlap } from './filter-algebra.js';
import type { Rights, User } from './rights.js';

export interface AclRule {
  /** A topic filter; in a pattern `%u` and `%c` stand for the user's name and the client id. */
  readonly filter: string;
  /** Neither of both: a deny. */
  readonly read: boolean;
  readonly write: boolean;
}

export interface AclRules {
  /** By the user's name; undefined: clients without one. */
  readonly users: ReadonlyMap<User, readonly AclRule[]>;
  readonly patterns: readonly AclRule[];
}

type Wanted = 'read' | 'write';
/** `undefined`: no rule says anything. */
type Verdict = boolean | undefined;

export class Acl implements Rights {
  readonly #rules: AclRules;

  constructor(rules: AclRules) {
    this.#rules = rules;
  }

  mayRead(user: User, clientId: string, topic: string): boolean {
    return this.#may('read', user, clientId, topic);
  }

  mayWrite(user: User, clientId: string, topic: string): boolean {
    return this.#may('write', user, clientId, topic);
  }

  /** Mosquitto grants every subscription and delivers what may be read; the same, but what is hopeless is said. */
  maySubscribe(user: User, clientId: string, filter: string): boolean {
    const own = this.#rules.users.get(user) ?? [];
    if (own.some((rule) => isDeny(rule) && filterCovers(rule.filter, filter))) return false;
    const all = [...own, ...this.#patternsFor(user, clientId)];
    return all.some((rule) => rule.read && filtersOverlap(rule.filter, filter));
  }

  #may(wanted: Wanted, user: User, clientId: string, topic: string): boolean {
    const own = this.#rules.users.get(user);
    const verdict = own === undefined ? undefined : judge(own, wanted, topic);
    return verdict ?? judge(this.#patternsFor(user, clientId), wanted, topic) ?? false;
  }

  /** With the names put in. A name with a wildcard in it would widen a pattern: then no pattern counts. */
  #patternsFor(user: User, clientId: string): AclRule[] {
    if (/[+#]/.test(user ?? '') || /[+#]/.test(clientId)) return [];
    return this.#rules.patterns
      .filter(({ filter }) => user !== undefined || !filter.includes('%u'))
      .map((rule) => ({
        ...rule,
        // One pass: what a name itself contains is not replaced again.
        filter: rule.filter.replace(/%[uc]/g, (place) => (place === '%c' ? clientId : (user ?? place))),
      }));
  }
}

function isDeny({ read, write }: AclRule): boolean {
  return !read && !write;
}

/** Denies count before grants, wherever they stand. */
function judge(rules: readonly AclRule[], wanted: Wanted, topic: string): Verdict {
  let verdict: Verdict;
  for (const rule of rules) {
    if (!(isDeny(rule) || (rule[wanted] && verdict === undefined))) continue;
    if (!filterMatches(rule.filter, topic)) continue;
    if (isDeny(rule)) return false;
    verdict = true;
  }
  return verdict;
}
