// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { SecuritySettings, SetSecurityParams } from '#contract/security.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Actor } from '../core/ports.ts';
import type { Instance } from './instance.ts';
import { strictSettings } from './security-settings.ts';
import type { InstanceServices } from './services.ts';

const renewLimitMs = 60_000;
/** One change after the other: each is made from what the one before left. */
const changing = new KeyedLock<InstanceName>();

/** Remembers what the owner decided on an instance's confinement. Who is told of the instance is told of that too. */
export async function setSecurity(services: InstanceServices, actor: Actor, params: SetSecurityParams): Promise<Instance> {
  const { name, ...wanted } = params;
  const instance = services.registry.require(name, actor, 'change the confinement of');
  const changes = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  await changeSettings(services, instance, (settings) => ({ ...settings, ...changes }));
  return instance;
}

/**
 * Changes the settings, and the machine that runs as far as that needs no new start; first the machine, so that
 * nothing is remembered that could not be done.
 */
async function changeSettings(services: InstanceServices, instance: Instance, change: (settings: SecuritySettings) => SecuritySettings): Promise<void> {
  await changing.hold(instance.name, async () => { await apply(services, instance, change); });
}

async function apply(services: InstanceServices, instance: Instance, change: (settings: SecuritySettings) => SecuritySettings): Promise<void> {
  const next = change(instance.security);
  const { boot } = instance;
  const before = boot?.spec;
  if (boot && before) {
    const security = { ...(before.security ?? strictSettings), ...liveOf(next) };
    boot.spec = { ...before, security };
    await services.hypervisor.renew(boot.spec, AbortSignal.timeout(renewLimitMs)).catch((error: unknown) => {
      boot.spec = before;
      throw error;
    });
  }
  await services.registry.update(instance, ({ machine }) => ({ security: next, ...(machine && boot ? { machine: { ...machine, spec: boot.spec } } : {}) }));
}

/** What can be changed while a machine runs. */
function liveOf({ isAllowedWithoutAppArmor, mode }: SecuritySettings): Partial<SecuritySettings> {
  return { isAllowedWithoutAppArmor, mode };
}
