// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { GoneInstance } from '../../store/instance-store.ts';
import type { LedgerNote } from '../../store/ledger.ts';
import { settleAccess } from '../security/grants.ts';
import { ownRemains } from '../instance/own-remains.ts';
import { release } from '../verbs/release.ts';
import { endLeftMachine, withIdOfMachine } from '../machine/end-left-machine.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Brings the computer to what the records say, where an earlier helper ended between an effect and its record, and
 * finishes the removals it began.
 */
export async function settleLedger(services: InstanceServices): Promise<void> {
  const { ledger, store } = services;
  for (const note of await ledger.notes()) await settle(services, note);
  for (const gone of await store.gone()) await finishRemoval(services, gone);
}

/** A machine of it ends first; where it does not, all of it stays for the next start. */
async function finishRemoval(services: InstanceServices, { directory, remains }: GoneInstance): Promise<void> {
  const { registry, store, log } = services;
  try {
    const own = ownRemains(registry, await withIdOfMachine(services, remains, directory));
    await endLeftMachine(services, own);
    if (await release(services, own)) await store.empty(directory);
  } catch (error) {
    log.warn(
      { directory, reason: messageOf(error) },
      'the machine of a removed instance could not be ended; the next start tries again',
    );
  }
}

/** What cannot be settled now stands on. */
async function settle(services: InstanceServices, note: LedgerNote): Promise<void> {
  try {
    if (await undo(services, note.entry)) await services.ledger.strike(note);
  } catch (error) {
    services.log.warn(
      { entry: note.entry, reason: messageOf(error) },
      'what an earlier helper left could not be settled; the next start tries again',
    );
  }
}

/** False where it is to be looked at again. */
async function undo(services: InstanceServices, entry: LedgerNote['entry']): Promise<boolean> {
  const { registry, hypervisor } = services;
  switch (entry.kind) {
    case 'access':
      await settleAccess(services, entry);
      return true;
    case 'machine': {
      const { id, runDirectory } = entry.spec;
      // what runs there by a record that cannot be used is told by nothing here
      const isHidden = [...registry.broken().values()].some(
        ({ remains }) => remains.id === id || remains.machine?.spec.runDirectory === runDirectory,
      );
      if (isHidden) return false;
      const isInUse = registry.all().some(({ record }) => record.machine?.spec.runDirectory === runDirectory);
      if (!isInUse) await hypervisor.cleanUp(entry.spec);
      return true;
    }
    default:
      return entry satisfies never;
  }
}
