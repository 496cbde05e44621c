// SPDX-License-Identifier: MIT
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Snapshot } from '#contract/events.ts';
import { SeedWriter } from './cloudinit/seed.ts';
import type { Config } from './config.ts';
import { Policy } from './confinement/administrator/policy.ts';
import { QuotaFile } from './confinement/administrator/quotas.ts';
import { HostSecurity } from './confinement/host-security.ts';
import { assetsDirectory } from './core/assets.ts';
import type { Logger } from './core/log.ts';
import type { Actor } from './core/seams/operation.ts';
import { GuestConnections } from './guest/guest-connections.ts';
import { SshProcesses } from './guest/ssh-processes.ts';
import { QemuHypervisor } from './hypervisor/qemu/driver.ts';
import { LocalImages } from './images/local-images.ts';
import type { Instance } from './instances/instance/instance.ts';
import { Facets } from './instances/views/facets.ts';
import { ownFacets } from './instances/views/own-facets.ts';
import { RegistryView } from './instances/views/registry-view.ts';
import { Registry } from './instances/instance/registry.ts';
import { newUser } from './instances/instance/run-as.ts';
import type { InstanceServices } from './instances/instance/services.ts';
import { LinuxNetwork } from './network/linux-backend.ts';
import { Journal } from './operations/journal.ts';
import { OperationManager } from './operations/manager.ts';
import { removeTree } from './posix/remove-tree.ts';
import { LocalProcessRunner } from './process/runner.ts';
import { EventLog } from './events/event-log.ts';
import { RunDirectoryClaim } from './rpc/run-directory-claim.ts';
import { Mounts } from './shares/mounts.ts';
import { Files } from './store/files.ts';
import { ensureDirectory } from './store/ensure-directory.ts';
import { InstanceStore } from './store/instance-store.ts';
import { Ledger } from './store/ledger.ts';
import { Reserve } from './store/reserve.ts';
import { sweepTemporary } from './store/sweep-temporary.ts';
import { UserCounter } from './store/user-counter.ts';

/**
 * All that holds instances and what they use of this computer: what a helper serves, and what an uninstallation takes
 * away.
 */
export interface Parts extends InstanceServices {
  readonly claim: RunDirectoryClaim;
  readonly events: EventLog;
  readonly journal: Journal;
  readonly images: LocalImages;
  readonly network: LinuxNetwork;
  readonly hypervisor: QemuHypervisor;
  readonly policy: Policy;
  readonly mounts: Mounts<Instance>;
  readonly instances: RegistryView;
}

/** Claims the run directory and builds the parts, with no instance loaded and nothing of this computer looked at. */
export async function assemble(
  config: Config,
  log: Logger,
  snapshot: (viewer: Actor) => Promise<Snapshot>,
): Promise<Parts> {
  const files = new Files(config.stateDirectory, config.runDirectory);
  const claim = await RunDirectoryClaim.take(files, log);
  await prepareDirectories(files, log);
  const runner = new LocalProcessRunner();
  const reserve = new Reserve(files.reserve, log);
  await reserve.ensure();
  const store = new InstanceStore(files, log, reserve);
  const ledger = new Ledger(files, log);
  const registry = new Registry(store);
  const events = new EventLog({ snapshot, log });
  const journal = new Journal(files, log, reserve);
  const quotas = new QuotaFile(config.configDirectory, log);
  const operations = new OperationManager({ journal, events, quotas, log });
  operations.onChange(({ state }) => {
    if (state !== 'running') void reserve.ensure();
  });
  const facets = new Facets({ operations, log });
  const instances = new RegistryView({ registry, facets, store, operations });
  const hostSecurity = new HostSecurity(config.configDirectory);
  const hypervisor = new QemuHypervisor({
    runner,
    files,
    hostSecurity,
    log,
    assetsDirectory,
    accelerator: config.accelerator,
  });
  const policy = new Policy(config.configDirectory);
  const users = new UserCounter(files.users, log);
  const images = await LocalImages.open({
    files,
    runner,
    log,
    assetsDirectory,
    quotas,
    policy,
    uses: instances,
    newUser: async () => await newUser({ users, registry, files }),
  });
  const network = new LinuxNetwork({
    files,
    runner,
    log,
    ...(config.bridgeName === undefined ? {} : { bridgeName: config.bridgeName }),
  });
  const services = {
    files,
    store,
    ledger,
    registry,
    facets,
    operations,
    images,
    network,
    hypervisor,
    hostSecurity,
    quotas,
    runner,
    log,
    connections: new GuestConnections(new SshProcesses({ runner, log })),
    seeds: new SeedWriter(runner, files.work),
    users,
  };
  facets.add(...ownFacets(services));
  const mounts = new Mounts({
    instances,
    connections: services.connections,
    quotas,
    runner,
    files,
    assetsDirectory,
    log,
  });
  return { ...services, claim, events, journal, policy, mounts, instances };
}

/**
 * The state's directories may be passed through, not listed: machines run as users of their own and need their disks.
 */
async function prepareDirectories(files: Files, log: Logger): Promise<void> {
  for (const directory of [files.stateDirectory, files.instances, files.images, files.runDirectory, files.machines]) {
    await ensureDirectory(directory, log);
    await chmod(directory, directory === files.runDirectory ? 0o755 : 0o711);
  }
  for (const directory of [files.operations, files.ledger, files.profiles]) await ensureDirectory(directory, log);
  await sweepTemporary(files);
  await removeTree(files.work); // what an earlier helper was in the middle of
  await mkdir(path.join(files.work), { mode: 0o711 });
}
