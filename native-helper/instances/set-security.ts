// SPDX-License-Identifier: MIT
import type { SecuritySettings, SetSecurityParams } from '#contract/security.ts';
import type { Actor } from '../core/ports.ts';
import { changeSecurity, requireMayLoosen } from './change-security.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

/** Remembers what the owner decided on an instance's confinement. Who is told of the instance is told of that too. */
export async function setSecurity(services: InstanceServices, actor: Actor, params: SetSecurityParams): Promise<Instance> {
  const instance = services.registry.require(params.name, actor, 'change the confinement of');
  if (isLoosening(params)) await requireMayLoosen(services, actor, instance);
  await changeSecurity(services, instance, (settings) => merge(settings, params));
  return instance;
}

function isLoosening({ isAllowedWithoutAppArmor, mode, qemu }: SetSecurityParams): boolean {
  return isAllowedWithoutAppArmor === true || mode === 'complain' || (qemu?.args?.length ?? 0) > 0 || Object.keys(qemu?.env ?? {}).length > 0;
}

/** What is named is changed; a list or table as a whole. */
function merge(settings: SecuritySettings, { isAllowedWithoutAppArmor, mode, qemu }: SetSecurityParams): SecuritySettings {
  return {
    ...settings,
    isAllowedWithoutAppArmor: isAllowedWithoutAppArmor ?? settings.isAllowedWithoutAppArmor,
    mode: mode ?? settings.mode,
    qemu: { args: qemu?.args ?? settings.qemu.args, env: qemu?.env ?? settings.qemu.env },
  };
}
