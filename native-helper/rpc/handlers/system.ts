// SPDX-License-Identifier: MIT
import type { HostReport } from '../../system/host-report.ts';
import type { EventLog } from '../event-log.ts';
import type { Handlers } from '../handlers.ts';

export function systemHandlers(report: HostReport, events: EventLog): Pick<Handlers, 'system.info' | 'system.doctor' | 'events.subscribe'> {
  return {
    'system.info': async (_, { actor }) => await report.info(actor),
    'system.doctor': async (_, { signal }) => await report.examine(signal),
    'events.subscribe': async ({ since }, call) => await events.subscribe(call, since),
  };
}
