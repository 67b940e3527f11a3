// What somebody has to do who may not open a bus: it depends on whose file it is.
import { readFileSync, statSync } from 'node:fs';

const GROUP_READS_AND_WRITES = 0o060;

/** A sentence for EACCES and EPERM. `groups` is the file that names the groups, group(5). */
export function permissionSentence(path: string, groups = '/etc/group'): string {
  const file = statSync(path, { throwIfNoEntry: false });
  const refused = `No permission to open ${path}.`;
  if (file === undefined)
    return `${refused} Join the group that owns it (ls -l ${path} shows it; mostly i2c): sudo usermod -aG i2c $USER, then log in again.`;
  const [what, advice] = permissionAdvice(
    path,
    file,
    readFileSync(groups, 'utf8'),
    process.getgroups?.() ?? [],
  );
  return `${refused} ${what}: ${advice}.`;
}

/** What is so, and what to do about it. `groups` is the text of group(5), `ownGroups` are those of this process. */
export function permissionAdvice(
  path: string,
  { gid, mode }: { readonly gid: number; readonly mode: number },
  groups: string,
  ownGroups: readonly number[],
): readonly [what: string, advice: string] {
  if (gid === 0 || (mode & GROUP_READS_AND_WRITES) !== GROUP_READS_AND_WRITES)
    return [
      'Only root may',
      `give it a group by a udev rule (sudo groupadd -f i2c; echo 'KERNEL=="i2c-[0-9]*", GROUP="i2c", MODE="0660"' | sudo tee /etc/udev/rules.d/60-i2c.rules; sudo udevadm trigger) and join that: sudo usermod -aG i2c $USER, then log in again`,
    ];
  const group = groupName(gid, groups);
  if (ownGroups.includes(gid))
    return [
      `It belongs to the group ${group}, and this process is in that`,
      `what runs it keeps the device away. Docker: --device ${path}; systemd: DeviceAllow=${path} rw`,
    ];
  return [
    `It belongs to the group ${group}`,
    `sudo usermod -aG ${group} $USER, then log in again (a service: SupplementaryGroups=${group}, then restart it)`,
  ];
}

/** The number, where the group has no name here. */
function groupName(gid: number, groups: string): string {
  const fields = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , number]) => number === String(gid));
  return fields?.[0] ?? String(gid);
}
