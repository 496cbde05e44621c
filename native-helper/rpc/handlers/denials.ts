// SPDX-License-Identifier: MIT
import type { OwnDenials } from '../../instances/denials/own-denials.ts';
import type { Denials } from '../../instances/denials/denials.ts';
import type { Registry } from '../../instances/instance/registry.ts';
import type { Handlers } from '../handlers.ts';

type DenialMethods = Extract<keyof Handlers, `denials.${string}`>;

export function denialHandlers(registry: Registry, denials: Denials, own: OwnDenials): Pick<Handlers, DenialMethods> {
  return {
    'denials.list': async ({ name }, { actor }) => denials.list(registry.require(name, actor, 'seeDenials')),
    'denials.own': async (_, { actor }) => own.list(actor),
    'denials.decide': async (params, { actor, signal }) =>
      await denials.decide(registry.require(params.name, actor, 'decideDenials'), actor, params, signal),
  };
}
