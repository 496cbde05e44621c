// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** What the helper is told at its start. */
export interface Config {
  readonly stateDirectory: string;
  readonly runDirectory: string;
  /** The administrator's `security.conf` and `apparmor/`. */
  readonly configDirectory: string;
  /** Members of this group may use the helper; only root where undefined. */
  readonly gid: number | undefined;
  /** A folder of ready images to take into the vault at start; each in a directory of its own name. */
  readonly seedImages: string | undefined;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly bridgeName: string | undefined;
  /** Where auditd writes, if it runs: denials are read there too. */
  readonly auditFile: string;
  readonly logLevel: string;
  readonly validateResults: boolean;
  /** Loads the helper's own AppArmor profile and ends. */
  readonly isProfileOnly: boolean;
  /** Takes Berth off this computer and ends; undefined where it is to serve. */
  readonly uninstall: { readonly data: 'keep' | 'remove' | 'ask'; readonly isForced: boolean } | undefined;
}

export const usage = `usage: berth-helper [options]
  --state-dir DIR      instances and images             (/var/lib/berth)
  --run-dir DIR        sockets and pid files             (/run/berth)
  --config-dir DIR     the administrator's security.conf (/etc/berth)
  --group NAME         who may use the helper            (berth; "root" for root alone)
  --seed-images DIR    ready images to take into the vault
  --accelerator WHICH  auto, kvm or tcg                  (auto)
  --bridge NAME        the bridge's device name          (mpqemubr0)
  --audit-file FILE    auditd's record                   (/var/log/audit/audit.log)
  --log-level LEVEL    trace, debug, info, warn, error   (info)
  --load-profile       load the helper's own AppArmor profile and end
  --uninstall          end helper and machines and take away what they made on this computer, then end
    --keep-data          without asking: instances and images stay
    --remove-data        without asking: instances and images go too
    --force              machines are powered off, not shut down
  --validate-results   check every answer against the contract (for tests)
`;

/** @throws Error with one line that says what is wrong with the arguments */
export async function readConfig(args: readonly string[]): Promise<Config> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'state-dir': { type: 'string', default: '/var/lib/berth' },
      'run-dir': { type: 'string', default: '/run/berth' },
      'config-dir': { type: 'string', default: '/etc/berth' },
      group: { type: 'string', default: 'berth' },
      'seed-images': { type: 'string' },
      accelerator: { type: 'string', default: 'auto' },
      bridge: { type: 'string' },
      'audit-file': { type: 'string', default: '/var/log/audit/audit.log' },
      'log-level': { type: 'string', default: 'info' },
      'load-profile': { type: 'boolean', default: false },
      uninstall: { type: 'boolean', default: false },
      'keep-data': { type: 'boolean', default: false },
      'remove-data': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      'validate-results': { type: 'boolean', default: false },
    },
  });
  const { accelerator } = values;
  if (accelerator !== 'auto' && accelerator !== 'kvm' && accelerator !== 'tcg')
    throw new Error(`--accelerator ${accelerator}: auto, kvm or tcg`);
  return {
    stateDirectory: values['state-dir'],
    runDirectory: values['run-dir'],
    configDirectory: path.resolve(values['config-dir']),
    gid: values.group === 'root' || values.uninstall ? undefined : await groupId(values.group),
    seedImages: values['seed-images'],
    accelerator,
    bridgeName: values.bridge,
    auditFile: values['audit-file'],
    logLevel: values['log-level'],
    validateResults: values['validate-results'],
    isProfileOnly: values['load-profile'],
    uninstall: uninstallOf(values),
  };
}

function uninstallOf(values: {
  readonly uninstall: boolean;
  readonly 'keep-data': boolean;
  readonly 'remove-data': boolean;
  readonly force: boolean;
}): Config['uninstall'] {
  const { 'keep-data': isKept, 'remove-data': isRemoved, force } = values;
  if (isKept && isRemoved) throw new Error('--keep-data and --remove-data: one of them');
  if (!values.uninstall && (isKept || isRemoved || force))
    throw new Error('--keep-data, --remove-data and --force go with --uninstall');
  return values.uninstall ? { data: isKept ? 'keep' : isRemoved ? 'remove' : 'ask', isForced: force } : undefined;
}

/** The number of a local group (group(5)); groups of a directory service are not looked up. */
async function groupId(name: string): Promise<number> {
  const groups = await readFile('/etc/group', 'utf8');
  const fields = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([group]) => group === name);
  if (fields?.[2] === undefined)
    throw new Error(`--group ${name}: there is no such group; make it with: groupadd --system ${name}`);
  return Number(fields[2]);
}
