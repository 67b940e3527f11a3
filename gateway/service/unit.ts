// The unit that systemd runs the gateway by: told when it is ready, watched, started again, with no more rights than it needs.
// For systemd 252 (Debian 12) and newer.

export interface UnitOptions {
  /** Absolute paths. */
  readonly node: string;
  readonly program: string;
  readonly config: string;
  readonly user: string;
  /** One that does not exist would keep the unit from starting (216/GROUP). */
  readonly groups: readonly string[];
  /** Below /var/lib; systemd makes it. */
  readonly stateDirectory: string;
}

/**
 * What a gateway has no use for. Not MemoryDenyWriteExecute: V8 writes code and runs it. @pkey: V8 asks for memory keys, and is
 * ended where that is no known call. AF_NETLINK: os.networkInterfaces() asks the kernel.
 */
const HARDENING = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'ProtectProc=invisible',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectControlGroups=yes',
  'DevicePolicy=closed',
  'DeviceAllow=char-i2c rw',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service @pkey',
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
];

export function unitOf(options: UnitOptions): string {
  const { node, program, config, user, groups, stateDirectory } = options;
  const words = [node, program, 'start', '--config', config, '--data', `/var/lib/${stateDirectory}`];
  return [
    '[Unit]',
    'Description=Arduinos on an I2C bus, reached over MQTT (i2c-mqtt-gateway)',
    'Wants=network-online.target',
    'After=network-online.target time-sync.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    '# What it says it says by systemd-notify, a process of its own.',
    'NotifyAccess=all',
    `ExecStart=${words.map(quoted).join(' ')}`,
    '# Configuration, users, rights and certificates are read again. The shell has a kill of its own: not every machine has /bin/kill.',
    "ExecReload=/bin/sh -c 'kill -HUP $MAINPID'",
    'WatchdogSec=60',
    '# An older store is copied before it is changed, which takes as long as the disk needs.',
    'TimeoutStartSec=600',
    'TimeoutStopSec=15',
    'Restart=always',
    'RestartSec=2',
    '',
    `User=${user}`,
    ...(groups.length === 0 ? [] : [`SupplementaryGroups=${groups.join(' ')}`]),
    `StateDirectory=${stateDirectory}`,
    'StateDirectoryMode=0750',
    '# MONGODB_URI, MQTT_URL and other secrets, a line each.',
    'EnvironmentFile=-/etc/i2c-mqtt-gateway.env',
    '',
    ...HARDENING,
    homes([node, program, config]),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** Where a home has what it runs, homes can't be hidden from it. */
function homes(paths: readonly string[]): string {
  const isAtHome = paths.some((path) => /^\/(home|root|run\/user)\//.test(path));
  return `ProtectHome=${isAtHome ? 'read-only' : 'yes'}`;
}

/** systemd.service(5), "Command lines": `%` names a specifier and `$` a variable, in quotes as well. */
function quoted(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w./:@%$+,=-]+$/.test(literal)) return literal;
  return `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
