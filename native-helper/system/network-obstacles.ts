// SPDX-License-Identifier: MIT
import type { InSentences } from '../core/in-words.ts';
import type { HostCheck } from '#contract/system.ts';
import { inEnglish, sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import type { Reason } from '../core/said-error.ts';
import type { NetworkObstacle } from '../core/seams/network.ts';

interface Told {
  readonly state: 'missing' | 'limited' | 'unknown';
  /** A sentence. */
  readonly what: Sentence;
  /** A sentence: the way out. */
  readonly fix?: Sentence;
  readonly command?: string;
}

const restart = 'sudo systemctl restart berth-helper';
const otherRange = sentence('doctor.take-another-range');

/** What was found to be in the way, as one check: the worst of the states, every sentence, every way out. */
export function sayObstacles(
  bridge: string,
  obstacles: readonly NetworkObstacle[],
): Pick<InSentences<HostCheck>, 'state' | 'summary' | 'fix' | 'command'> {
  const told = obstacles.map((obstacle) => sayObstacle(bridge, obstacle));
  const state =
    (['missing', 'limited', 'unknown'] as const).find((each) => told.some((one) => one.state === each)) ?? 'unknown';
  const fixes = told.flatMap((each) => each.fix ?? []);
  const command = unique(told.flatMap((each) => each.command ?? [])).join(' && ');
  return {
    state,
    summary: joined(told.map(({ what }) => what)),
    ...(fixes.length === 0 ? {} : { fix: joined(fixes) }),
    ...(command === '' ? {} : { command }),
  };
}

function sayObstacle(bridge: string, obstacle: NetworkObstacle): Told {
  switch (obstacle.kind) {
    case 'bridge-gone':
      return {
        state: 'missing',
        what: sentence('doctor.bridge-missing', { bridge }),
        fix: sentence('doctor.recreate-bridge'),
      };
    case 'bridge-down':
      return {
        state: 'missing',
        what: sentence('doctor.bridge-down', { bridge }),
        fix: sentence('doctor.bring-bridge-up'),
        command: `sudo ip link set ${bridge} up`,
      };
    case 'no-address':
      return {
        state: 'missing',
        what: sentence('doctor.bridge-without-address', { bridge, address: obstacle.address }),
        fix: sentence('doctor.add-address'),
        command: `sudo ip addr add ${obstacle.address} brd + dev ${bridge}`,
      };
    case 'rules-gone':
      return {
        state: 'missing',
        what: sentence('doctor.rules-missing'),
        fix: sentence('doctor.recreate-rules'),
        command: restart,
      };
    case 'not-forwarding':
      return {
        state: 'missing',
        what: sentence('doctor.not-forwarding', { setting: obstacle.setting }),
        fix: sentence('doctor.enable-forwarding'),
        command: `sudo sysctl ${obstacle.setting}=1`,
      };
    case 'dropped':
      return sayDropped(bridge, obstacle);
    case 'routed-elsewhere':
      return obstacle.isOverridden
        ? {
            state: 'missing',
            what: sentence('doctor.routed-elsewhere', { device: obstacle.device, prefix: obstacle.prefix }),
            fix: otherRange,
          }
        : {
            state: 'limited',
            what: sentence('doctor.range-overlaps', { prefix: obstacle.prefix, device: obstacle.device }),
            fix: otherRange,
          };
    case 'too-many-rules':
      return {
        state: 'unknown',
        what: sentence('doctor.too-many-rules'),
        fix: sentence('doctor.use-named-sets'),
      };
    case 'unseen':
      return obstacle.part === 'old rules'
        ? {
            state: 'unknown',
            what: sentence('doctor.legacy-rules-unseen', { reason: obstacle.reason }),
            fix: sentence('doctor.install-iptables'),
          }
        : { state: 'unknown', what: sentence('doctor.part-unseen', { part: obstacle.part, reason: obstacle.reason }) };
    default:
      return obstacle satisfies never;
  }
}

type Dropped = NetworkObstacle & { readonly kind: 'dropped' };

function sayDropped(bridge: string, obstacle: Dropped): Told {
  const { traffic, family, table, chain, rule, isCertain, isOfAll } = obstacle;
  const what = sentence('doctor.packets-dropped', {
    whose: isOfAll ? 'all' : 'some',
    certainty: isCertain ? 'certain' : 'uncertain',
    rule: rule?.handle ?? 'none',
    by: rule === undefined || rule.chain === chain ? 'none' : rule.chain,
    family,
    table,
    chain,
    traffic,
  });
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
      return { fix: sentence('doctor.allow-in-ufw'), command };
    }
    case 'firewalld':
      return {
        fix: sentence('doctor.allow-in-firewalld'),
        command: `sudo firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && sudo firewall-cmd --reload`,
      };
    case 'docker':
      return {
        fix: sentence('doctor.allow-in-docker'),
        ...optional(inIptables(bridge, { ...obstacle, chain: 'DOCKER-USER' })),
      };
    case 'iptables':
      return {
        fix: sentence('doctor.allow-in-iptables'),
        ...optional(inIptables(bridge, obstacle)),
      };
    case 'nftables':
      return {
        fix: sentence('doctor.allow-in-nftables'),
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

/** One after the other, each once; of more than three there are only the words. */
function joined(sentences: readonly Sentence[]): Reason {
  const words = unique(sentences.map((each) => inEnglish(each)));
  const [first, second, third] = words.flatMap((each) => sentences.find((one) => inEnglish(one) === each) ?? []);
  if (words.length > 3 || first === undefined) return words.join(' ');
  if (second === undefined) return first;
  if (third === undefined) return sentence('doctor.two', { first, second });
  return sentence('doctor.three', { first, second, third });
}
