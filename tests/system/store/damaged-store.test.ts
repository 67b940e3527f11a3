// After a power cut the store's file may be damaged: the gateway runs on with a new one, and says so everywhere.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EventMessage } from '../../../shared/messages.js';
import { startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const ROOT = 'iot/greenhouse';

test(
  'a gateway whose store is damaged starts, and says it in the log, as an event and on the health topic',
  { skip: withoutMosquitto },
  async (t) => {
    const dataDir = await temporaryFolder(t);
    await writeFile(join(dataDir, 'store.sqlite'), 'half a page of something else '.repeat(300));
    const mosquitto = await startMosquitto(t);
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(`${ROOT}/#`, 1);
    const gateway = await startGateway(t, { dataDir, args: ['--no-broker', '--mqtt', mosquitto.url] });
    const event = JSON.parse((await client.message(`${ROOT}/event`)).text) as EventMessage;
    assert.equal(event.type, 'store.damaged');
    assert.match(event.message ?? '', /set aside as store\.sqlite\.damaged-/);
    const health = JSON.parse((await client.message(`${ROOT}/health`)).text) as {
      outbox: { setAside?: string; disk: { ballast: boolean } };
    };
    assert.match(health.outbox.setAside ?? '', /damaged-/);
    assert.equal(health.outbox.disk.ballast, true);
    assert.match(gateway.output(), /set aside as store\.sqlite\.damaged-/);
  },
);
