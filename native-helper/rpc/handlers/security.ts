// SPDX-License-Identifier: MIT
import { describeSecurity } from '../../instances/views/describe-security.ts';
import { grant, revoke } from '../../instances/security/grants.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import { setSecurity } from '../../instances/security/set-security.ts';
import type { Handlers } from '../handlers.ts';

type SecurityMethods = Extract<keyof Handlers, `instances.${string}security` | 'instances.grant' | 'instances.revoke'>;

export function securityHandlers(services: InstanceServices): Pick<Handlers, SecurityMethods> {
  const { registry } = services;
  return {
    'instances.security': async ({ name }, { actor, signal }) =>
      await describeSecurity(services, registry.require(name, actor, 'lookInto'), signal),
    'instances.set-security': async (params, { actor, signal }) =>
      await describeSecurity(services, await setSecurity(services, actor, params), signal),
    'instances.grant': async (params, { actor, signal }) =>
      await describeSecurity(services, await grant(services, actor, params, signal), signal),
    'instances.revoke': async (params, { actor, signal }) =>
      await describeSecurity(services, await revoke(services, actor, params), signal),
  };
}
