// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';
import type { InstanceSecurity } from '#contract/security.ts';
import { englishOf } from '../../core/said-error.ts';
import { profileName } from '../../confinement/profile.ts';
import type { Instance } from '../instance/instance.ts';
import { settingsOf } from '../security/machine-settings.ts';
import type { InstanceServices } from '../instance/services.ts';
import { machineSpec } from '../machine/machine-spec.ts';

/** How an instance is confined: measured where its machine runs, and what a machine of it would get. */
export async function describeSecurity(
  services: InstanceServices,
  instance: Instance,
  signal: AbortSignal,
): Promise<InstanceSecurity> {
  const { boot, security: settings } = instance;
  const { model, reason, needsConsent } = await services.hostSecurity.policy();
  const [layers, label, access] = await Promise.all([
    boot?.machine.confinement() ?? [],
    boot?.machine.label(),
    accessOf(services, instance, signal),
  ]);
  return {
    name: instance.name,
    model,
    ...(reason === undefined ? {} : { modelReason: englishOf(reason) }),
    profile: profileName(instance.name, `qemu-system-${instance.record.image.architecture}`),
    ...parseLabel(label),
    layers: [...layers],
    settings,
    access: [...access],
    needsConsent: needsConsent && !settings.isAllowedWithoutAppArmor,
    isRestartNeeded:
      boot !== undefined &&
      !isDeepStrictEqual({ ...settingsOf(boot.spec), loosenedBy: undefined }, { ...settings, loosenedBy: undefined }),
  };
}

/** The running machine's, or that of the machine that a start would make; nothing where its image is gone. */
async function accessOf(
  services: InstanceServices,
  instance: Instance,
  signal: AbortSignal,
): ReturnType<InstanceServices['hypervisor']['access']> {
  if (!instance.boot && !services.images.base(instance.record.image.fingerprint)) return [];
  const spec =
    instance.boot?.spec ??
    machineSpec(
      services,
      instance,
      (instance.record.boots.at(-1)?.number ?? 0) + 1,
      (await services.hypervisor.capabilities(signal)).accelerator,
    );
  return await services.hypervisor.access(spec);
}

/** `NAME (MODE)`, or `unconfined`, as /proc/PID/attr/apparmor/current has it (apparmor(7)). */
export function parseLabel(label: string | undefined): Pick<InstanceSecurity, 'label' | 'labelMode'> {
  const [, name, mode] = /^(.+) \((enforce|complain)\)$/.exec(label ?? '') ?? [];
  if (name !== undefined && (mode === 'enforce' || mode === 'complain')) return { label: name, labelMode: mode };
  return label === undefined ? {} : { label, labelMode: 'unconfined' };
}
