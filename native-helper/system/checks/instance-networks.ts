// SPDX-License-Identifier: MIT
import { inWords, type InSentences } from '../../core/in-words.ts';
import type { InstanceName } from '#contract/names.ts';
import { needsRestart, type NetworkFault } from '#contract/network-faults.ts';
import type { HostCheck } from '#contract/system.ts';
import { inEnglish, sentence } from '#messages/say.ts';
import { shortList } from '../short-list.ts';

/** Not in the doctor's table: it depends on who asks. */
const named = { id: 'instance-network', title: sentence('doctor.title.instance-network') } as const;

/** Which instances are without their network, and by what; undefined where all that run have it. */
export function checkInstanceNetworks(
  faults: ReadonlyMap<InstanceName, readonly NetworkFault[]>,
): HostCheck | undefined {
  if (faults.size === 0) return undefined;
  const names = [...faults.keys()].sort();
  const told = names.map(
    (name) =>
      `${name}: ${(faults.get(name) ?? []).map((fault) => inEnglish(sentence(`network-fault.${fault}`))).join(', ')}`,
  );
  const [[name, [fault, ...others]] = ['', []]] = [...faults];
  const isOne = faults.size === 1 && fault !== undefined && others.length === 0;
  const only = isOne
    ? sentence('doctor.instance-fault', { name, fault: sentence(`network-fault.${fault}`) })
    : undefined;
  return inWords<HostCheck>({
    ...named,
    state: 'limited',
    summary: only ?? `${shortList(told)}.`,
    evidence: 'ip link, nft list ruleset and the leases of dnsmasq',
    ...wayOut(names.filter((name) => needsRestart(faults.get(name) ?? []))),
  });
}

function wayOut(restarted: readonly string[]): Pick<InSentences<HostCheck>, 'fix' | 'command'> {
  return restarted.length === 0
    ? { fix: sentence('doctor.see-network-check') }
    : {
        fix: sentence('doctor.restart-instance'),
        command: `berth restart ${restarted.slice(0, 50).join(' ')}`,
      };
}

/** Told in place of that where it could not be found out. */
export function unseenInstanceNetworks(reason: string): HostCheck {
  return inWords<HostCheck>({ ...named, state: 'unknown', summary: sentence('doctor.not-checked'), evidence: reason });
}
