// SPDX-License-Identifier: MIT

export type Owner = 'root' | 'machine' | 'dnsmasq';

export interface ModeRule {
  readonly tree: 'state' | 'run';
  /**
   * Below the tree's directory; `*` is any one name, and within a name any part of it. The first rule that fits counts.
   */
  readonly pattern: string;
  readonly owner: Owner;
  readonly mode: number;
  /** Of an imported image, whose group is its own. */
  readonly importMode?: number;
}

/**
 * Whose each file of ours is, and who else may use it; docs/on-disk.md says what they hold. Directories that others
 * pass cannot be listed (0711); what is in one that only root enters (0700) needs no mode of its own. Who makes a file
 * gives it owner and mode before it has its name.
 */
export const modeRules: readonly ModeRule[] = [
  rule('state', 'instances', 'root', 0o711),
  rule('state', 'instances/*', 'root', 0o711),
  rule('state', 'instances/*/console', 'root', 0o711),
  rule('state', 'instances/*/console/boot-*.log', 'root', 0o640),
  rule('state', 'instances/*/console/boot-*.json', 'root', 0o600),
  rule('state', 'instances/*/disk.qcow2', 'machine', 0o600),
  rule('state', 'instances/*/seed.iso', 'machine', 0o600),
  rule('state', 'instances/*/qemu.log', 'root', 0o640),
  rule('state', 'instances/*/*', 'root', 0o600),
  rule('state', 'images', 'root', 0o711),
  { ...rule('state', 'images/*', 'root', 0o711), importMode: 0o710 },
  { ...rule('state', 'images/*/image.json', 'root', 0o444), importMode: 0o400 },
  { ...rule('state', 'images/*/*', 'root', 0o444), importMode: 0o440 },
  rule('state', 'work', 'root', 0o711),
  rule('state', 'lease-event', 'root', 0o755),
  rule('state', 'operations', 'root', 0o700),
  rule('state', 'ledger', 'root', 0o700),
  rule('state', 'profiles', 'root', 0o700),
  rule('state', 'profiles/*', 'root', 0o644),
  rule('state', 'downloads', 'root', 0o700),
  rule('state', 'catalogues', 'root', 0o711),
  rule('state', '*', 'root', 0o600),
  rule('state', '*/*', 'root', 0o600),
  rule('run', 'helper.sock', 'root', 0o660),
  rule('run', 'stream.sock', 'root', 0o660),
  rule('run', 'machines', 'root', 0o700),
  rule('run', 'machines/*', 'root', 0o700),
  rule('run', 'machines/*/*.sock', 'root', 0o755),
  rule('run', 'machines/*/*', 'root', 0o600),
  rule('run', 'network', 'root', 0o711),
  rule('run', 'network/hosts', 'dnsmasq', 0o600),
  rule('run', 'network/leases', 'dnsmasq', 0o600),
  rule('run', 'network/dnsmasq.log', 'root', 0o640),
  rule('run', 'network/dnsmasq.pid', 'dnsmasq', 0o644),
  rule('run', 'network/*', 'root', 0o600),
  rule('run', 'jail', 'root', 0o755),
  rule('run', 'shares', 'root', 0o700),
  rule('run', '*', 'root', 0o600),
  rule('run', '*/*', 'root', 0o600),
];

/** The rule of an entry, by its path below the tree's directory; undefined for what no rule knows. */
export function ruleFor(tree: ModeRule['tree'], entry: string): ModeRule | undefined {
  return modeRules.find((each) => each.tree === tree && fits(each.pattern, entry));
}

function fits(pattern: string, entry: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replaceAll('.', String.raw`\.`))
    .join('[^/]*');
  return new RegExp(`^${expression}$`).test(entry);
}

function rule(tree: ModeRule['tree'], pattern: string, owner: Owner, mode: number): ModeRule {
  return { tree, pattern, owner, mode };
}
