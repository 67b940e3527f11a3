// The CommandJournal port over the store's thread.
import type { CommandJournal } from '../../../shared/command-journal.js';
import type { StoreLink } from '../thread/link.js';

export function durableJournal(link: StoreLink, withinMs: number): CommandJournal {
  return {
    accept: (command) => link.call('accept', { command, withinMs }, command.body.length),
    begin: async (keys) => {
      await link.call('begin', keys);
    },
    finish: (key, reply, mayRunAgain) => link.call('finish', { key, reply, mayRunAgain }, reply.length),
    said: async (positions) => {
      await link.call('said', positions);
    },
    left: (boot, after, limit) => link.call('left', { boot, after, limit }),
    unsaid: (after, limit) => link.call('unsaid', { after, limit }),
    stats: () => link.call('journalStats', null),
  };
}
