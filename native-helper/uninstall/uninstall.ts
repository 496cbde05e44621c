// SPDX-License-Identifier: MIT
import { assemble, type Parts } from '../assemble.ts';
import type { Config } from '../config.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { removeSlice } from '../confinement/cgroups/machine-cgroups.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { Instance } from '../instances/instance/instance.ts';
import { endLeftMachine, withIdOfMachine } from '../instances/machine/end-left-machine.ts';
import { reconcile } from '../instances/reconcile/reconcile.ts';
import { release } from '../instances/verbs/release.ts';
import { removeInstance } from '../instances/verbs/remove-instance.ts';
import { stop } from '../instances/verbs/stop.ts';
import { Files } from '../store/files.ts';
import { endHelper, findHelper } from './end-helper.ts';
import { removeRunFiles, removeStateData, removeStateFiles } from './remove-files.ts';
import { describeStored, readStored } from './stored-data.ts';

export interface UninstallOptions {
  /** Instances and images go too. Never without being told to: they are the user's data. */
  readonly isDataRemoved: boolean;
  /** Machines are powered off; without, their guests are asked to shut down first. */
  readonly isForced: boolean;
  /** Told what is being done, a line each. */
  readonly say: (line: string) => void;
}

const limitMs = 60_000;

/**
 * Takes away what Berth made on this computer: the helper that serves, machines with their shares, the network,
 * profiles, cgroups and run files; with `isDataRemoved` instances and images as well. What is gone already is no fault,
 * so it can be repeated.
 *
 * @throws Error with what stands in the way; by then only what is said to be gone is gone
 */
export async function uninstall(config: Config, log: Logger, options: UninstallOptions): Promise<void> {
  const { isDataRemoved, say } = options;
  const files = new Files(config.stateDirectory, config.runDirectory);
  const stored = await readStored(files);
  const helper = await findHelper(files);
  if (!helper && !stored.isThere)
    return say(`Nothing of Berth is here: neither ${files.stateDirectory} nor ${files.runDirectory} is there.`);
  await endHelper(files, helper, say);
  const parts = await assemble(config, log, () => Promise.reject(new Error('nobody is served')));
  const over = new AbortController();
  try {
    await parts.registry.load();
    await reconcile(parts, await parts.journal.leftovers(), over.signal);
    await endMachines(parts, options);
    await endHidden(parts, options);
    await parts.mounts.end();
    await parts.network.reconcile([], AbortSignal.timeout(limitMs));
    if (isDataRemoved) await removeInstances(parts);
    const held = await new AppArmor(parts.runner, files.profiles).sweep(() => true, AbortSignal.timeout(limitMs));
    if (held.length > 0)
      throw new Error(`processes still run in the profiles ${held.join(', ')}: end them, then repeat this`);
    await removeSlice();
  } finally {
    over.abort();
    await Promise.all([parts.images.settled(), parts.network.close()]);
    parts.claim.release();
  }
  await (isDataRemoved ? removeStateData(files) : removeStateFiles(files));
  await removeRunFiles(files);
  say('The helper, machines, shares, the network, profiles and run files of Berth are gone.');
  if (stored.isThere)
    say(
      isDataRemoved
        ? `Gone with their data: ${describeStored(stored)}.`
        : `Kept: ${describeStored(stored)} in ${files.stateDirectory}. A later Berth finds them there; --remove-data takes them away.`,
    );
}

/** Those whose record cannot be read too: their files go with the rest of the data. */
async function removeInstances(parts: Parts): Promise<void> {
  for (const instance of parts.registry.all()) await removeInstance(parts, instance);
  for (const { remains } of parts.registry.broken().values()) await release(parts, remains);
}

/** Those of records that cannot be used: their guests cannot be asked. */
async function endHidden(parts: Parts, { say }: UninstallOptions): Promise<void> {
  for (const [name, { remains }] of parts.registry.broken()) {
    say(`${name}: its record cannot be read; if it runs, it is powered off`);
    await endLeftMachine(parts, await withIdOfMachine(parts, remains, parts.files.instance(name).directory));
  }
}

/** Guests are asked first; one that does not end in time is powered off. */
async function endMachines(parts: Parts, { isForced, say }: UninstallOptions): Promise<void> {
  const lost = parts.registry
    .all()
    .filter(({ isUncertain }) => isUncertain)
    .map(({ name }) => name);
  if (lost.length > 0)
    throw new Error(`whether ${lost.join(', ')} runs could not be found out: end its QEMU, then repeat this`);
  const actor: Actor = { pid: process.pid, uid: 0, gid: 0 };
  const end = async ({ name }: Instance, force: boolean): Promise<boolean> => {
    say(`${name}: ${force ? 'is powered off' : 'shuts down'}`);
    const { operationId } = await stop(parts, actor, { name, force });
    return (await parts.operations.wait(operationId, actor, new AbortController().signal)).state === 'succeeded';
  };
  await Promise.all(
    parts.registry
      .all()
      .filter(({ boot }) => boot !== undefined)
      .map(async (instance) => {
        const isOver = (await end(instance, isForced)) || (await end(instance, true));
        if (!isOver) throw new Error(`${instance.name} could not be stopped: end its QEMU, then repeat this`);
      }),
  );
}
