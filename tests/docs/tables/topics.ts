// The topics, from the table beside them.
import { TOPIC_TABLE } from '../../../shared/topic-table.js';
import { code, table } from './markdown.js';

const BY = { gateway: '', you: 'you publish', both: 'you may publish too' } as const;

export function topicTable(): string {
  const rows = TOPIC_TABLE.map(({ topic, retained, by, what }) => [
    code(topic),
    retained ? 'R' : BY[by],
    what,
  ]);
  return table(['topic', '', 'what'], rows);
}
