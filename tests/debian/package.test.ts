// The package for Debian in clean systems without a running systemd: installed, started, upgraded, removed, purged; and refused
// in words where the Node is too old.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { buildPackages, type BuiltPackages } from './built-packages.js';
import { CleanRoot, fine, run, withoutRoot, type Suite } from './clean-root.js';

const NAME = 'i2c-mqtt-gateway';
const MOST_INSTALLED_KB = 40 * 1000;

let packages: BuiltPackages | undefined;
before(async () => {
  if (withoutRoot('trixie') === false || withoutRoot('bookworm') === false) packages = await buildPackages();
});
after(() => packages?.remove());

function withoutLintian(): string | false {
  if (packages === undefined && withoutRoot('trixie') !== false) return withoutRoot('trixie');
  return spawnSync('lintian', ['--version']).status !== 0 && 'LINTIAN IS NOT THERE: apt-get install lintian';
}

/** A copy of a clean system with the packages in /root. */
async function rootWithPackages(t: TestContext, suite: Suite): Promise<CleanRoot> {
  assert.ok(packages);
  const root = await CleanRoot.copy(t, suite);
  for (const name of ['first', 'newer'] as const)
    await copyFile(packages[name], join(root.folder, 'root', `${name}.deb`));
  return root;
}

test(
  'in Debian 13: installed, started, upgraded, removed, installed again, purged',
  { skip: withoutRoot('trixie') },
  async (t) => {
    const root = await rootWithPackages(t, 'trixie');
    const sizeKb = Number((await run('dpkg-deb', ['-f', packages?.first ?? '', 'Installed-Size'])).output);
    assert.ok(sizeKb > 1000 && sizeKb <= MOST_INSTALLED_KB, `${String(sizeKb)} kB`);
    const apt = `apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold`;

    fine(await root.sh(`${apt} install /root/first.deb`));
    const who = `stat -c '%U %G %a' /etc/${NAME} /etc/${NAME}/gateway.yaml /var/lib/${NAME} && id -nG ${NAME}`;
    const owners = [`root ${NAME} 750`, `root ${NAME} 640`, `${NAME} ${NAME} 750`, `${NAME} i2c`, ''].join(
      '\n',
    );
    assert.equal(fine(await root.sh(who)), owners);
    // What the unit names is there, in a system with nothing but what the package asks for.
    assert.equal(fine(await root.sh(`systemd-analyze verify --man=no ${NAME}.service`)), '');
    // As its unit would start it, and what it made is there afterwards; the modules with native code load.
    const start = `timeout -s TERM 60 setpriv --reuid=${NAME} --regid=${NAME} --init-groups ${NAME} start \
    --config /etc/${NAME}/gateway.yaml --data /var/lib/${NAME} >/tmp/out & child=$!
    for n in $(seq 300); do grep -q ' MQTT ' /tmp/out && break; sleep 0.1; done
    kill $child; wait $child; echo "ended with $?"; cat /tmp/out; stat -c %U /var/lib/${NAME}/store.sqlite`;
    const started = fine(await root.sh(start));
    assert.match(started, /mqtt:\/\/127\.0\.0\.1:1883[\s\S]*^i2c-mqtt-gateway$/m);
    fine(
      await root.sh(
        `cd /usr/lib/${NAME}/node_modules/${NAME} && node -e "require('i2c-bus'); new (require('better-sqlite3'))(':memory:')"`,
      ),
    );

    // Where each shell looks for it; bash loads it, and has it for what the package installs.
    const completions = `cd /usr/share && ls zsh/vendor-completions/_${NAME} fish/vendor_completions.d/${NAME}.fish &&
    bash --norc -c '. bash-completion/completions/${NAME}; COMP_WORDS=(${NAME} ackn); COMP_CWORD=1; _i2c_mqtt_gateway ${NAME}
    complete -p ${NAME}; echo "\${COMPREPLY[@]}"'`;
    assert.match(
      fine(await root.sh(completions)),
      new RegExp(`^fish\\S+\nzsh\\S+\ncomplete -F _i2c_mqtt_gateway ${NAME}\nacknowledge\n$`),
    );

    fine(
      await root.sh(
        `echo '# mine' >>/etc/${NAME}/gateway.yaml; chown ${NAME} /etc/${NAME}/gateway.yaml; chmod 600 /etc/${NAME}/gateway.yaml`,
      ),
    );
    fine(await root.sh(`${apt} install /root/newer.deb`));
    const kept = `tail -n 1 /etc/${NAME}/gateway.yaml; stat -c '%U %a' /etc/${NAME}/gateway.yaml; ls /var/lib/${NAME}/store.sqlite`;
    assert.equal(fine(await root.sh(kept)), `# mine\n${NAME} 600\n/var/lib/${NAME}/store.sqlite\n`);
    assert.match(fine(await root.sh(`dpkg-query -W -f '\${Version}' ${NAME}`)), /\.1$/);

    fine(await root.sh(`${apt} remove ${NAME}`));
    assert.equal(fine(await root.sh(kept)), `# mine\n${NAME} 600\n/var/lib/${NAME}/store.sqlite\n`);
    assert.equal((await root.sh(`ls /usr/bin/${NAME} /usr/lib/${NAME}`)).code, 2);

    fine(await root.sh(`${apt} install /root/first.deb && echo SECRET=1 >/etc/${NAME}.env`));
    fine(await root.sh(`${apt} purge ${NAME}`));
    const left = `find / -xdev -path /proc -prune -o -name '*${NAME}*' -print | grep -v '^/var/cache/apt/\\|^/var/log/\\|^/proc'; getent passwd ${NAME}; getent group ${NAME}`;
    assert.equal((await root.sh(left)).output, '');
  },
);

/** Nobody stands behind a package that is built here, and there is no manual page; the changelog is the program's own. */
const LET_THROUGH = 'root-in-contact,bogus-mail-host,no-manual-page,syntax-error-in-debian-changelog';

test('lintian, which judges packages for Debian, finds nothing', { skip: withoutLintian() }, async () => {
  assert.ok(packages);
  const words = ['--allow-root', '--tag-display-limit', '0', '--suppress-tags', LET_THROUGH, packages.first];
  assert.equal(fine(await run('lintian', words)), '');
});

test('in Debian 12 apt says which Node it lacks', { skip: withoutRoot('bookworm') }, async (t) => {
  const root = await rootWithPackages(t, 'bookworm');
  const { code, output } = await root.sh('apt-get -q -y install /root/first.deb');
  assert.equal(code, 100);
  assert.match(output, /i2c-mqtt-gateway : Depends: nodejs \(>= 20\.19\) but .* installed/);
  assert.equal((await root.sh(`ls /usr/bin/${NAME}`)).code, 2);
});
