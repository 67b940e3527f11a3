// What a gateway does in either machine, however it came there.
import assert from 'node:assert/strict';
import type { GuestService } from './guest-service.js';
import { NAME } from './guest-service.js';

/** By systemd; its process stays. */
export async function reloads(guest: GuestService): Promise<void> {
  const pid = await guest.property('MainPID');
  await guest.sh(`systemctl reload ${NAME}`);
  await guest.untilActive();
  assert.equal(await guest.property('MainPID'), pid);
  assert.match(await guest.journal(), /SIGHUP: configuration, users, rights/);
}

/** Amid readings; each that was acknowledged before is there afterwards. */
export async function bearsPowerCut(guest: GuestService): Promise<void> {
  await guest.publish(1);
  await guest.cutPower();
  await guest.untilActive();
  assert.deepEqual(await guest.lost(), []);
  assert.match(await guest.lastOfHistory(), /\d/);
}
