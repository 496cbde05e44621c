// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { needsRestart, networkFaultTexts, type NetworkFault } from '#contract/network-faults.ts';
import type { HostCheck } from '#contract/system.ts';
import { shortList } from '../short-list.ts';

/** Not in the doctor's table: it depends on who asks. */
const named = { id: 'instance-network', title: 'Network of instances' } as const;

/** Which instances are without their network, and by what; undefined where all that run have it. */
export function checkInstanceNetworks(
  faults: ReadonlyMap<InstanceName, readonly NetworkFault[]>,
): HostCheck | undefined {
  if (faults.size === 0) return undefined;
  const names = [...faults.keys()].sort();
  const told = names.map(
    (name) => `${name}: ${(faults.get(name) ?? []).map((fault) => networkFaultTexts[fault]).join(', ')}`,
  );
  return {
    ...named,
    state: 'limited',
    summary: `${shortList(told)}.`,
    evidence: 'ip link, nft list ruleset and the leases of dnsmasq',
    ...wayOut(names.filter((name) => needsRestart(faults.get(name) ?? []))),
  };
}

function wayOut(restarted: readonly string[]): Pick<HostCheck, 'fix' | 'command'> {
  return restarted.length === 0
    ? { fix: 'See the Network check for the rules and how to allow the traffic.' }
    : {
        fix: 'Restart the instance to set up its network again.',
        command: `berth restart ${restarted.slice(0, 50).join(' ')}`,
      };
}

/** Told in place of that where it could not be found out. */
export function unseenInstanceNetworks(reason: string): HostCheck {
  return { ...named, state: 'unknown', summary: 'Could not be checked.', evidence: reason };
}
