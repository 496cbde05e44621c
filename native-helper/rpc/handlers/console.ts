// SPDX-License-Identifier: MIT
import type { InstanceServices } from '../../instances/instance/services.ts';
import { consoleBoots, consoleMarks, openConsole } from '../calls/console.ts';
import type { Handlers } from '../handlers.ts';

type ConsoleMethods = Extract<keyof Handlers, `console.${string}`>;

export function consoleHandlers(services: InstanceServices): Pick<Handlers, ConsoleMethods> {
  const { registry } = services;
  return {
    'console.boots': async ({ name }, { actor }) =>
      await consoleBoots(services, registry.require(name, actor, 'readConsole')),
    'console.marks': async ({ name, boot }, { actor }) =>
      await consoleMarks(services, registry.require(name, actor, 'readConsole'), boot),
    'console.open': async (params, call) =>
      await openConsole(services, registry.require(params.name, call.actor, 'useConsole'), params, call),
  };
}
