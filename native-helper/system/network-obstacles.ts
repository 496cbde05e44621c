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
        what: `The bridge ${bridge} is gone: no instance has a network.`,
        fix: 'Stop all instances and start them again: the first makes the bridge anew.',
      };
    case 'bridge-down':
      return {
        state: 'missing',
        what: `The bridge ${bridge} is down: no instance has a network.`,
        fix: 'Switch it on.',
        command: `sudo ip link set ${bridge} up`,
      };
    case 'no-address':
      return {
        state: 'missing',
        what: `The bridge ${bridge} has lost its address ${obstacle.address}: instances reach nothing.`,
        fix: 'Give it back.',
        command: `sudo ip addr add ${obstacle.address} brd + dev ${bridge}`,
      };
    case 'rules-gone':
      return {
        state: 'missing',
        what: 'The rules of Berth (table inet berth) are gone, perhaps flushed: instances are cut off.',
        fix: 'Restart the helper, which makes them anew; instances go on.',
        command: restart,
      };
    case 'not-forwarding':
      return {
        state: 'missing',
        what: `Forwarding is switched off (${obstacle.setting} is 0): instances reach nothing beyond this computer.`,
        fix: 'Switch it on, and find out which program or file of /etc/sysctl.d switches it off.',
        command: `sudo sysctl ${obstacle.setting}=1`,
      };
    case 'dropped':
      return sayDropped(bridge, obstacle);
    case 'routed-elsewhere':
      return obstacle.isOverridden
        ? {
            state: 'missing',
            what: `What is meant for instances goes to ${obstacle.device}, by a route or rule for ${obstacle.prefix}.`,
            fix: otherRange,
          }
        : {
            state: 'limited',
            what: `The bridge's range lies within ${obstacle.prefix}, to which ${obstacle.device} leads: part is hidden.`,
            fix: otherRange,
          };
    case 'unseen':
      return {
        state: 'unknown',
        what: `The ${obstacle.part} of the network could not be looked at: ${obstacle.reason}.`,
      };
    default:
      return obstacle satisfies never;
  }
}

function sayDropped(bridge: string, obstacle: NetworkObstacle & { readonly kind: 'dropped' }): Told {
  const { traffic, family, table, chain, rule, isCertain, firewall } = obstacle;
  const place = `table ${family} ${table}, chain ${chain}`;
  const by =
    rule === undefined
      ? `the policy of ${place}`
      : `rule ${rule.handle} of ${rule.chain === chain ? place : `${place} by ${rule.chain}`}`;
  const lost =
    traffic === 'forwarded' ? 'instances reach nothing beyond this computer' : 'instances get no address, or no names';
  const what = isCertain
    ? `Packets of instances are dropped by ${by}: ${lost}.`
    : `Packets of instances may be dropped by ${by}, after rules that cannot be judged from here: then ${lost}.`;
  return { state: isCertain ? 'missing' : 'limited', what, ...letThrough(bridge, obstacle, firewall, traffic) };
}

type Firewall = (NetworkObstacle & { readonly kind: 'dropped' })['firewall'];

/** By the program that made the rules: one it does not know of would be gone with its next change. */
function letThrough(
  bridge: string,
  { family, table, chain }: NetworkObstacle & { readonly kind: 'dropped' },
  firewall: Firewall,
  traffic: 'forwarded' | 'to-host',
): Pick<Told, 'fix' | 'command'> {
  const isForwarded = traffic === 'forwarded';
  switch (firewall) {
    case 'ufw': {
      const command = isForwarded
        ? `sudo ufw route allow in on ${bridge} && sudo ufw route allow out on ${bridge}`
        : `sudo ufw allow in on ${bridge}`;
      return { fix: "Let ufw allow the bridge; Berth's own rules still guard it.", command };
    }
    case 'firewalld':
      return {
        fix: "Put the bridge into a zone of firewalld that lets it through; Berth's own rules still guard it.",
        command: `sudo firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && sudo firewall-cmd --reload`,
      };
    case 'docker':
      return {
        fix: 'Let the bridge through in DOCKER-USER, which Docker leaves alone.',
        command: inIptables('DOCKER-USER', bridge, true),
      };
    case 'iptables':
      return {
        fix: 'Let the bridge through; to keep that, write it where your rules are kept.',
        command: inIptables(chain, bridge, isForwarded),
      };
    case 'nftables': {
      const fix = 'Let the bridge through; to keep that, write it where your rules are kept (/etc/nftables.conf).';
      if (![table, chain].every((name) => /^\w[\w./-]*$/.test(name))) return { fix }; // no word of a shell
      const insert = (direction: 'iifname' | 'oifname'): string =>
        `sudo nft insert rule ${family} ${table} ${chain} ${direction} ${bridge} accept`;
      return { fix, command: isForwarded ? `${insert('iifname')} && ${insert('oifname')}` : insert('iifname') };
    }
    default:
      return firewall satisfies never;
  }
}

function inIptables(chain: string, bridge: string, isForwarded: boolean): string {
  const insert = (option: '-i' | '-o'): string => `sudo iptables -I ${chain} ${option} ${bridge} -j ACCEPT`;
  return isForwarded ? `${insert('-i')} && ${insert('-o')}` : insert('-i');
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
