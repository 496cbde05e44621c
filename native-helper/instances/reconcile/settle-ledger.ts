// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { LedgerNote } from '../../store/ledger.ts';
import { settleAccess } from '../security/grants.ts';
import { ownRemains } from '../instance/own-remains.ts';
import { release } from '../verbs/release.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Brings the computer to what the records say, where an earlier helper ended between an effect and its record, and
 * finishes the removals it began.
 */
export async function settleLedger(services: InstanceServices): Promise<void> {
  const { ledger, store, registry } = services;
  for (const note of await ledger.notes()) await settle(services, note);
  for (const { directory, remains } of await store.gone())
    if (await release(services, ownRemains(registry, remains))) await store.empty(directory);
}

/** What cannot be settled now stands on. */
async function settle(services: InstanceServices, note: LedgerNote): Promise<void> {
  try {
    await undo(services, note.entry);
    await services.ledger.strike(note);
  } catch (error) {
    services.log.warn(
      { entry: note.entry, reason: messageOf(error) },
      'what an earlier helper left could not be settled; the next start tries again',
    );
  }
}

async function undo(services: InstanceServices, entry: LedgerNote['entry']): Promise<void> {
  switch (entry.kind) {
    case 'access':
      return await settleAccess(services, entry);
    case 'machine': {
      const isInUse = services.registry
        .all()
        .some(({ record }) => record.machine?.spec.runDirectory === entry.spec.runDirectory);
      if (!isInUse) await services.hypervisor.cleanUp(entry.spec);
      return;
    }
    default:
      return entry satisfies never;
  }
}
