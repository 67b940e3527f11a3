// What the machine prints for the table of docs/judges.md, which it can't write itself.

/** Before the JSON of a judgement, on a line of its own. */
export const JUDGED = 'JUDGED ';
