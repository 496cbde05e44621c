// SPDX-License-Identifier: MIT
import type { HostCheck } from '#contract/system.ts';
import type { NetworkObstacle } from '../core/seams/network.ts';

interface Told {
  readonly state: 'missing' | 'limited' | 'unknown';
  /** A sentence. */
  readonly what: string;
  /** A sentence: the way out. */
  readonly fix?: string;
  readonly command?: string;
}

const restart = 'sudo systemctl restart berth-helper';
const otherRange = 'Stop all instances and start them again: the network then takes a range that is free.';

/** What was found to be in the way, as one check: the worst of the states, every sentence, every way out. */
export function sayObstacles(
  bridge: string,
  obstacles: readonly NetworkObstacle[],
): Pick<HostCheck, 'state' | 'summary' | 'fix' | 'command'> {
  const told = obstacles.map((obstacle) => sayObstacle(bridge, obstacle));
  const state =
    (['missing', 'limited', 'unknown'] as const).find((each) => told.some((one) => one.state === each)) ?? 'unknown';
  const fix = unique(told.flatMap((each) => each.fix ?? [])).join(' ');
  const command = unique(told.flatMap((each) => each.command ?? [])).join(' && ');
  return {
    state,
    summary: unique(told.map(({ what }) => what)).join(' '),
    ...(fix === '' ? {} : { fix }),
    ...(command === '' ? {} : { command }),
  };
}

function sayObstacle(bridge: string, obstacle: NetworkObstacle): Told {
  switch (obstacle.kind) {
    case 'bridge-gone':
      return {
        state: 'missing',
        what: `The bridge ${bridge} is missing, so instances have no network.`,
        fix: 'Stop all instances and start them again to recreate the bridge.',
      };
    case 'bridge-down':
      return {
        state: 'missing',
        what: `The bridge ${bridge} is down, so instances have no network.`,
        fix: 'Bring it up.',
        command: `sudo ip link set ${bridge} up`,
      };
    case 'no-address':
      return {
        state: 'missing',
        what: `The bridge ${bridge} has lost its address ${obstacle.address}, so instances have no network.`,
        fix: 'Add the address again.',
        command: `sudo ip addr add ${obstacle.address} brd + dev ${bridge}`,
      };
    case 'rules-gone':
      return {
        state: 'missing',
        what: 'Berth’s nftables rules are missing, so instances have no network.',
        fix: 'Restart the helper to recreate them. Instances keep running.',
        command: restart,
      };
    case 'not-forwarding':
      return {
        state: 'missing',
        what: `IP forwarding is off (${obstacle.setting} is 0), so instances can only reach this computer.`,
        fix: 'Enable it, and find out which program or file in /etc/sysctl.d disables it.',
        command: `sudo sysctl ${obstacle.setting}=1`,
      };
    case 'dropped':
      return sayDropped(bridge, obstacle);
    case 'routed-elsewhere':
      return obstacle.isOverridden
        ? {
            state: 'missing',
            what: `Traffic for instances goes to ${obstacle.device} because of a route or rule for ${obstacle.prefix}.`,
            fix: otherRange,
          }
        : {
            state: 'limited',
            what: `The bridge's range is part of ${obstacle.prefix}, which ${obstacle.device} leads to, so part of that network cannot be reached.`,
            fix: otherRange,
          };
    case 'too-many-rules':
      return {
        state: 'unknown',
        what: 'This computer has too many firewall rules, or addresses in them, to check whether they let instances through.',
        fix: 'Put long lists of addresses into named sets of nftables. If instances have a network, nothing is wrong.',
      };
    case 'unseen':
      return obstacle.part === 'old rules'
        ? {
            state: 'unknown',
            what: `Tables of iptables-legacy are in use and could not be checked: ${obstacle.reason}.`,
            fix: 'Install iptables, so that iptables-legacy-save can list them.',
          }
        : { state: 'unknown', what: `The ${obstacle.part} of the network could not be checked: ${obstacle.reason}.` };
    default:
      return obstacle satisfies never;
  }
}

type Dropped = NetworkObstacle & { readonly kind: 'dropped' };

function sayDropped(bridge: string, obstacle: Dropped): Told {
  const { traffic, family, table, chain, rule, isCertain, isOfAll } = obstacle;
  const place =
    family === 'legacy'
      ? `iptables-legacy, table ${table}, chain ${chain}`
      : `table ${family} ${table}, chain ${chain}`;
  const by =
    rule === undefined
      ? `the policy of ${place}`
      : `rule ${rule.handle} of ${rule.chain === chain ? place : `${place} by ${rule.chain}`}`;
  const lost =
    traffic === 'forwarded' ? 'instances reach nothing beyond this computer' : 'instances get no address, or no names';
  const whose = isOfAll ? 'instances' : 'some instances';
  const what = isCertain
    ? `Packets of ${whose} are dropped by ${by}: ${lost}.`
    : `Packets of ${whose} may be dropped by ${by}, after rules that cannot be judged from here: then ${lost}.`;
  return { state: isCertain ? 'missing' : 'limited', what, ...letThrough(bridge, obstacle) };
}

/** By the program that made the rules: one it does not know of would be gone with its next change. */
function letThrough(bridge: string, obstacle: Dropped): Pick<Told, 'fix' | 'command'> {
  const { firewall, hook } = obstacle;
  switch (firewall) {
    case 'ufw': {
      const command =
        hook === 'forward'
          ? `sudo ufw route allow in on ${bridge} && sudo ufw route allow out on ${bridge}`
          : `sudo ufw allow in on ${bridge}`;
      return { fix: "Allow the bridge in ufw. Berth's own rules still protect it.", command };
    }
    case 'firewalld':
      return {
        fix: "Add the bridge to a firewalld zone that allows it. Berth's own rules still protect it.",
        command: `sudo firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && sudo firewall-cmd --reload`,
      };
    case 'docker':
      return {
        fix: 'Allow the bridge in DOCKER-USER, which Docker does not change.',
        ...optional(inIptables(bridge, { ...obstacle, chain: 'DOCKER-USER' })),
      };
    case 'iptables':
      return {
        fix: 'Allow the bridge. To make this permanent, add the rule to your firewall configuration.',
        ...optional(inIptables(bridge, obstacle)),
      };
    case 'nftables':
      return {
        fix: 'Allow the bridge. To make this permanent, add the rule to /etc/nftables.conf.',
        ...optional(inNftables(bridge, obstacle)),
      };
    default:
      return firewall satisfies never;
  }
}

function optional(command: string | undefined): Pick<Told, 'command'> {
  return command === undefined ? {} : { command };
}

/**
 * By which devices packets can be told to be an instance's at a hook: of what comes from the world or leaves for it, by
 * none.
 */
function devicesAt({ hook, direction }: Dropped): readonly ('in' | 'out')[] {
  if (hook === 'forward') return ['in', 'out'];
  if (direction === 'from') return hook === 'prerouting' || hook === 'input' ? ['in'] : [];
  return hook === 'output' || hook === 'postrouting' ? ['out'] : [];
}

function inIptables(bridge: string, obstacle: Dropped): string | undefined {
  const program = obstacle.family === 'legacy' ? 'iptables-legacy' : 'iptables';
  const place = obstacle.table === 'filter' ? obstacle.chain : `${obstacle.chain} -t ${obstacle.table}`;
  const inserts = devicesAt(obstacle).map(
    (device) => `sudo ${program} -I ${place} ${device === 'in' ? '-i' : '-o'} ${bridge} -j ACCEPT`,
  );
  return inserts.length === 0 ? undefined : inserts.join(' && ');
}

function inNftables(bridge: string, obstacle: Dropped): string | undefined {
  const { family, table, chain } = obstacle;
  if (![table, chain].every((name) => /^\w[\w./-]*$/.test(name))) return undefined; // no word of a shell
  // at the bridge the devices are its ports
  const device = family === 'bridge' ? `'"tap-*"'` : bridge;
  const inserts = devicesAt(obstacle).map(
    (each) =>
      `sudo nft insert rule ${family} ${table} ${chain} ${each === 'in' ? 'iifname' : 'oifname'} ${device} accept`,
  );
  return inserts.length === 0 ? undefined : inserts.join(' && ');
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
