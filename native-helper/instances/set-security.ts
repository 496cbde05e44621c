// SPDX-License-Identifier: MIT
import type { SetSecurityParams } from '#contract/security.ts';
import type { Actor } from '../core/ports.ts';
import type { Instance } from './instance.ts';
import { strictSettings } from './security-settings.ts';
import type { InstanceServices } from './services.ts';

/** Remembers what the owner decided on an instance's confinement. Who is told of the instance is told of that too. */
export async function setSecurity(services: InstanceServices, actor: Actor, params: SetSecurityParams): Promise<Instance> {
  const { name, ...wanted } = params;
  const instance = services.registry.require(name, actor, 'change the confinement of');
  const changes = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  await services.registry.update(instance, ({ security }) => ({ security: { ...strictSettings, ...security, ...changes } }));
  return instance;
}
