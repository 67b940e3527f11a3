// What each contender's program does: it runs until it is warm, and then tells the parent how long so many transactions took.
const WARM_UP = 1000;
export const TRANSACTIONS = 1000;
/** Enough that somebody always waits. */
const CALLERS = 8;

/** A read of so many bytes from this address is the transaction. */
export const ADDRESS = 0x08;
export const LENGTH = 8;

/** `many` runs as many transactions as it is told. Sends the parent ms a transaction. */
export async function tell(many: (transactions: number) => Promise<unknown>): Promise<void> {
  await many(WARM_UP);
  const began = performance.now();
  await many(TRANSACTIONS);
  process.send?.((performance.now() - began) / TRANSACTIONS);
}

/** Several who each want the next transaction as soon as their last one has ended. */
export function crowd(one: () => Promise<unknown>): (transactions: number) => Promise<unknown> {
  const caller = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await one();
  };
  return (transactions) => Promise.all(Array.from({ length: CALLERS }, () => caller(transactions / CALLERS)));
}
