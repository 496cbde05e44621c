// SPDX-License-Identifier: MIT
import type { HostReport } from '../../system/host-report.ts';
import type { EventLog } from '../../events/event-log.ts';
import type { Handlers } from '../handlers.ts';

export function systemHandlers(
  report: HostReport,
  events: EventLog,
): Pick<Handlers, 'system.info' | 'system.doctor' | (`events.${string}` & keyof Handlers)> {
  return {
    'system.info': async (_, { actor }) => await report.info(actor),
    'system.doctor': async (_, { actor, signal }) => await report.examineFor(actor, signal),
    'events.subscribe': async ({ since, pages, changes }, call) =>
      await events.subscribe(call, since, pages, { isChangesOnly: changes === true }),
    'events.snapshot': async ({ cursor }, { actor }) => await events.page(actor, cursor),
  };
}
