// The waiting for the converter that is passed over: the same processor, to the cycle and the byte, as one that runs it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { adcConfig, AVRADC, avrInstruction, AVRTimer, CPU, timer0Config } from 'avr8js';
import { adcWaits, passAdcWait } from '../../../gateway/i2c/simulated/adc-wait.js';
import { FLASH_BYTES } from '../../../gateway/i2c/simulated/firmware-file.js';
import { parseIntelHex } from '../../../gateway/i2c/simulated/intel-hex.js';
import { packageRoot } from '../../../gateway/process/paths.js';

async function processor(sketch: string): Promise<{ cpu: CPU; adc: AVRADC }> {
  const file = join(packageRoot, 'gateway', 'example', 'firmware', sketch, `${sketch}.hex`);
  const flash = parseIntelHex(await readFile(file, 'utf8'), FLASH_BYTES);
  const cpu = new CPU(new Uint16Array(flash.buffer), 2048);
  new AVRTimer(cpu, timer0Config);
  return { cpu, adc: new AVRADC(cpu, adcConfig) };
}

function instruct(cpu: CPU): void {
  avrInstruction(cpu);
  cpu.tick();
}

for (const sketch of ['tank', 'climate', 'lamp']) {
  test(`${sketch}: at every moment the state is that of a processor that runs each turn, with a fraction of the steps`, async () => {
    const [plain, passing] = [await processor(sketch), await processor(sketch)];
    const waits = adcWaits(passing.cpu.progMem);
    let [run, stepped] = [0, 0];
    for (let end = 1; end < 400_000; end += 1 + Math.floor(Math.random() * 3000)) {
      const volts = Math.random() * 5;
      for (const { adc } of [plain, passing]) adc.channelValues[0] = volts;
      for (; plain.cpu.cycles < end; run += 1) instruct(plain.cpu);
      for (; passing.cpu.cycles < end; stepped += 1) {
        if (waits[passing.cpu.pc] === 1) passAdcWait(passing.cpu, end);
        instruct(passing.cpu);
      }
      assert.equal(passing.cpu.cycles, plain.cpu.cycles);
      assert.equal(passing.cpu.pc, plain.cpu.pc);
      assert.deepEqual(passing.cpu.data, plain.cpu.data);
    }
    assert.ok(stepped * 3 < run, `${String(stepped)} of ${String(run)} steps`);
  });
}

test('an interrupt that waits to be taken is taken first, and what is no such loop is left alone', async () => {
  const { cpu } = await processor('tank');
  const wait = adcWaits(cpu.progMem).indexOf(1);
  const begin = (interrupt: number): void => {
    cpu.pc = wait;
    cpu.cycles = 0;
    cpu.data[adcConfig.ADCSRA] = 0x40;
    cpu.data[0x5f] = 0x80;
    cpu.nextInterrupt = interrupt;
    passAdcWait(cpu, 1000);
  };
  begin(0x30);
  assert.equal(cpu.cycles, 0);
  begin(-1);
  assert.equal(cpu.cycles, 995);
  assert.deepEqual([...adcWaits(Uint16Array.of(0x9180, adcConfig.ADCSRA, 0xfd86, 0xcffb))], [0, 0, 0, 0]);
  assert.deepEqual([...adcWaits(Uint16Array.of(0x9180, adcConfig.ADCSRA, 0xfd86, 0xcffc))], [1, 0, 0, 0]);
  assert.deepEqual([...adcWaits(Uint16Array.of(0x9180, adcConfig.ADCSRA, 0xfd96, 0xcffc))], [0, 0, 0, 0]);
});
