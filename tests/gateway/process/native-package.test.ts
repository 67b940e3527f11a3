// What is told to be typed where a package with native code is missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installCommand, rebuildCommand } from '../../../gateway/process/native-package.js';

test('the command leads to where the program lies, and a clone needs no path', () => {
  const [installed, clone] = ["/home/it's/lib/node_modules/i2c-mqtt-gateway", '/home/pi/i2c-mqtt-gateway'];
  const there = String.raw`--prefix '/home/it'\''s/lib/node_modules/i2c-mqtt-gateway'`;
  const command = installCommand('i2c-bus', installed);
  assert.ok(command.startsWith(`npm install ${there} --omit=dev --no-save i2c-bus@`), command);
  assert.match(command, /@\d+\.\d+\.\d+$/);
  assert.equal(rebuildCommand('i2c-bus', installed), `npm rebuild ${there} i2c-bus`);
  assert.equal(installCommand('i2c-bus', clone), 'npm install');
  assert.equal(rebuildCommand('i2c-bus', clone), 'npm rebuild i2c-bus');
});
