// A long run of the fuzzing operator: `node dist/tests/fuzz/run-operator.js [minutes] [seed]`. Says each story that broke a
// promise with its seed, and how many there were.
import { argv, exit } from 'node:process';
import { Random } from '../support/random.js';
import { tell } from './operator.js';

const minutes = Number(argv[2] ?? 60);
let seed = Number(argv[3] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`first seed ${String(seed)}`);
const endMs = performance.now() + minutes * 60_000;
let [stories, commands, broken] = [0, 0, 0];
for (; performance.now() < endMs; seed += 1) {
  const story = await tell(new Random(seed));
  stories += 1;
  commands += story.commands;
  broken += story.broken.length;
  for (const why of story.broken) console.log(`seed ${String(seed)}: ${why}`);
}
console.log(`${String(stories)} stories, ${String(commands)} commands, ${String(broken)} promises broken`);
exit(broken === 0 ? 0 : 1);
