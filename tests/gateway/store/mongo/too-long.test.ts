// A range that MongoDB does not get through in its time: refused, with what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { GatewayError } from '../../../../shared/errors.js';
import { mongoDatabases } from '../../../support/mongo/database.js';
import { MongoProxy } from '../../../support/mongo/proxy.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';

const mongo = await mongoDatabases();
const behindProxy = mongo !== undefined && process.env['MONGODB_URI'] === undefined;
const skip =
  mongo === undefined ? NO_MONGO : 'the proxy needs a server without TLS and credentials of its own';

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const EXPIRED = {
  answer: { ok: 0, errmsg: 'operation exceeded time limit', code: 50, codeName: 'MaxTimeMSExpired' },
};

test(
  'a range that takes MongoDB too long is too_large and says what to do',
  { skip: !behindProxy && skip },
  async (t) => {
    const { server, newDatabase } = mongo ?? assert.fail();
    const proxy = new MongoProxy(server.host);
    await proxy.up();
    const store = new MongoStore({
      uri: `mongodb://${proxy.host}/${newDatabase()}?directConnection=true`,
      log: new RecordingLog(),
      clock: new SystemClock(),
    });
    await store.start();
    t.after(async () => {
      await store.stop();
      await proxy.down();
    });
    const range = { device: 'tank-1', fromTs: 0, toTs: 1e12 };
    for (const ask of [
      () => store.query({ ...range, limit: 10 }),
      () => store.query({ ...range, limit: 10, after: { ts: 0, identity: '' } }),
      () => store.points({ ...range, field: 'level', bucketMs: 1000 }),
    ]) {
      proxy.questions.push(EXPIRED);
      await assert.rejects(ask, (thrown) => {
        assert.ok(thrown instanceof GatewayError);
        assert.deepEqual([thrown.code, proxy.questions], ['too_large', []]);
        assert.match(thrown.message, /shorter range/);
        return true;
      });
    }
    assert.deepEqual(await store.query({ ...range, limit: 10 }), []);
  },
);
