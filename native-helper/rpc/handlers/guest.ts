// SPDX-License-Identifier: MIT
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { GuestSessions } from '../../guest/sessions.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import { openExec, openFiles, openShell } from '../calls/guest.ts';
import type { Handlers } from '../handlers.ts';

type GuestMethods = Extract<
  keyof Handlers,
  `shell.${string}` | `files.${string}` | `exec.${string}` | `session.${string}`
>;

export function guestHandlers(services: InstanceServices, sessions: GuestSessions): Pick<Handlers, GuestMethods> {
  const { registry } = services;
  const guest = { services, sessions };
  return {
    'shell.open': async (params, call) =>
      await openShell(guest, registry.require(params.name, call.actor, 'openShell'), params, call),
    'exec.open': async (params, call) =>
      await openExec(guest, registry.require(params.name, call.actor, 'runCommand'), params, call),
    'files.open': async ({ name }, call) =>
      await openFiles(guest, registry.require(name, call.actor, 'copyFiles'), call),
    'session.resize': async ({ session, size }, { actor }) => {
      sessions.resize(actor, session, size.columns, size.rows);
      return {};
    },
    'session.signal': async ({ session, signal: name }, { actor, signal }) => {
      await unlessAborted(sessions.signal(actor, session, name), signal);
      return {};
    },
    'session.wait': async ({ session }, { actor, signal }) =>
      await unlessAborted(sessions.wait(actor, session), signal),
  };
}
