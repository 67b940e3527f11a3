// What the gateway weighs: CPU, memory, latency, start and wear, beside a plain loop without promises and, where one is named,
// another build, by turns in one run. A faked Linux adapter below the real i2c-bus, 1 ms a transaction.
//   node dist/tests/bench/footprint.js [another built checkout] [--rounds 3] [--quota 20] [--curves]
// `--quota`: each contender has so many per cent of one core (a control group, as root). `--curves`: the cost by devices and by clients.
// Medians. Figures only, nothing here passes or fails.
import { stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../gateway/process/paths.js';
import { quantile } from './footprint/commands.js';
import { run, type Contender } from './footprint/running.js';
import { manyClients, manyDevices, SCENES, type Scene } from './footprint/scenes.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    quota: { type: 'string' },
    curves: { type: 'boolean', default: false },
  },
});
const [other] = positionals;
const quota = options.quota === undefined ? undefined : Number(options.quota);
const reference: Contender = { name: 'a plain loop' };
const ours: Contender = { name: 'this build', root: packageRoot };
const contenders = [
  reference,
  ...(other === undefined ? [] : [{ name: 'the other build', root: other }]),
  ours,
];
/** Of each figure: by contender, one of each round. */
const table = new Map<string, Map<string, number[]>>();

for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const scene of SCENES)
    // Who goes first changes: a machine that slows down is nobody's fault.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      await note(contender, scene);
  if (!options.curves) continue;
  for (const devices of [1, 10, 50, 100]) await note(ours, manyDevices(devices));
  for (const clients of [1, 10, 50, 200]) await note(ours, manyClients(clients));
}
say();

async function note(contender: Contender, scene: Scene): Promise<void> {
  const running = await run(contender, scene.plan, quota);
  try {
    for (const [figure, value] of await scene.play(running)) {
      const row = table.get(figure) ?? new Map<string, number[]>();
      row.set(contender.name, [...(row.get(contender.name) ?? []), value]);
      table.set(figure, row);
    }
  } finally {
    await running.stop();
  }
}

function say(): void {
  for (const [figure, row] of table) {
    const yardstick = quantile(row.get(reference.name) ?? [], 0.5);
    const cells = [...row].map(([name, values]) => {
      const median = quantile(values, 0.5);
      const ratio =
        name === reference.name || !(yardstick > 0) ? '' : ` (${(median / yardstick).toFixed(2)} ×)`;
      return `${name} ${median.toPrecision(3)}${ratio}`;
    });
    stdout.write(`${figure.padEnd(52)} ${cells.join(', ')}\n`);
  }
}
