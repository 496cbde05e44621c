// SPDX-License-Identifier: MIT
import type { ConfinementLayer, InstanceSecurity } from '#contract/security.ts';

export interface Verdict {
  /**
   * `held`: every layer stands; `partly`: this computer or its administrator has some not; `open`: one that should
   * stand does not; `reporting`: the profile only reports; `idle`: nothing runs that could be measured.
   */
  readonly kind: 'held' | 'partly' | 'open' | 'reporting' | 'idle';
  readonly standing: number;
  readonly lacking: readonly ConfinementLayer['layer'][];
}

/** What the measured layers amount to. The worst of it counts, and what could not be measured does not stand. */
export function verdictOf({
  layers,
  labelMode,
  model,
}: Pick<InstanceSecurity, 'layers' | 'labelMode' | 'model'>): Verdict {
  const standing = layers.filter(({ state }) => state === 'on').length;
  const lacking = layers.filter(({ state }) => state !== 'on').map(({ layer }) => layer);
  if (layers.length === 0) return { kind: 'idle', standing, lacking };
  const isExplained = ({ layer }: ConfinementLayer): boolean =>
    layer === 'apparmor' && (model === 'none' || labelMode === 'complain');
  if (layers.some((each) => each.state === 'unknown' || (each.state === 'off' && !isExplained(each))))
    return { kind: 'open', standing, lacking };
  if (labelMode === 'complain') return { kind: 'reporting', standing, lacking };
  return { kind: lacking.length === 0 ? 'held' : 'partly', standing, lacking };
}

/** Whether the kernel holds the machine to its list of files; while none runs, whether it would. */
export function isListInForce({
  layers,
  model,
  settings,
}: Pick<InstanceSecurity, 'layers' | 'model' | 'settings'>): boolean {
  if (layers.length === 0) return model === 'apparmor' && settings.mode === 'enforce';
  return layers.some(({ layer, state }) => layer === 'apparmor' && state === 'on');
}
