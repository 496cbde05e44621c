// SPDX-License-Identifier: MIT
import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Snapshot } from '#contract/events.ts';
import { SeedWriter } from './cloudinit/seed.ts';
import type { Config } from './config.ts';
import { HostSecurity } from './confinement/host-security.ts';
import { assetsDirectory } from './core/assets.ts';
import { messageOf } from './core/errors.ts';
import type { Logger } from './core/log.ts';
import type { Actor } from './core/ports.ts';
import { DenialWatch } from './denials/denial-watch.ts';
import { GuestConnections } from './guest/guest-connections.ts';
import { GuestSessions } from './guest/sessions.ts';
import { QemuHypervisor } from './hypervisor/qemu/driver.ts';
import { expireDaily } from './images/expire-daily.ts';
import { LocalImages } from './images/local-images.ts';
import { announceInstances } from './instances/announce.ts';
import { Denials } from './instances/denials.ts';
import { listInstances } from './instances/list.ts';
import { MountingRegistry } from './instances/mounting-registry.ts';
import { reconcile } from './instances/reconcile.ts';
import { Registry } from './instances/registry.ts';
import { defaultUserRange } from './instances/run-as.ts';
import type { InstanceServices } from './instances/services.ts';
import { LinuxNetwork } from './network/linux-backend.ts';
import { Journal } from './operations/journal.ts';
import { OperationManager } from './operations/manager.ts';
import { LocalProcessRunner } from './process/runner.ts';
import { EventLog } from './rpc/event-log.ts';
import { consoleHandlers } from './rpc/handlers/console.ts';
import { denialHandlers } from './rpc/handlers/denials.ts';
import { guestHandlers } from './rpc/handlers/guest.ts';
import { mountHandlers } from './rpc/handlers/mounts.ts';
import { imageHandlers } from './rpc/handlers/images.ts';
import { instanceHandlers } from './rpc/handlers/instances.ts';
import { operationHandlers } from './rpc/handlers/operations.ts';
import { securityHandlers } from './rpc/handlers/security.ts';
import { systemHandlers } from './rpc/handlers/system.ts';
import { RpcServer } from './rpc/rpc-server.ts';
import { RunDirectoryClaim } from './rpc/run-directory-claim.ts';
import { StreamBroker } from './rpc/stream-broker.ts';
import { Mounts } from './shares/mounts.ts';
import { DenialStore } from './store/denial-store.ts';
import { Files } from './store/files.ts';
import { InstanceStore } from './store/instance-store.ts';
import { HostReport } from './system/host-report.ts';
import { kernelHasAppArmor } from './system/kernel-security.ts';
import { version } from './system/version.ts';

export interface RunningHelper {
  /** Ends the helper. Machines, bridge and dnsmasq go on; the next helper finds them. */
  close(): Promise<void>;
}

/** Builds every part of the helper, hands each what it needs, and begins to serve: the only place that knows all of them. */
export async function compose(config: Config, log: Logger): Promise<RunningHelper> {
  const files = new Files(config.stateDirectory, config.runDirectory);
  const claim = await RunDirectoryClaim.take(files, log);
  await prepareDirectories(files);
  const ending = new AbortController();
  const runner = new LocalProcessRunner();
  const store = new InstanceStore(files, log);
  const registry = new Registry(store);
  const events: EventLog = new EventLog({ snapshot: (viewer) => snapshot(viewer), log });
  const journal = new Journal(files, log);
  const operations = new OperationManager({ journal, events, log });
  const hostSecurity = new HostSecurity(config.configDirectory);
  const hypervisor = new QemuHypervisor({ runner, files, hostSecurity, log, assetsDirectory, accelerator: config.accelerator });
  const images = await LocalImages.open({ files, runner, log, assetsDirectory });
  const network = new LinuxNetwork({ files, runner, log, ...(config.bridgeName === undefined ? {} : { bridgeName: config.bridgeName }) });
  const connections = new GuestConnections();
  const services: InstanceServices = {
    files, store, registry, operations, images, network, hypervisor, hostSecurity, runner, connections, log,
    seeds: new SeedWriter(runner, files.work), users: defaultUserRange,
  };
  const mounts = new Mounts({ instances: new MountingRegistry(services), runner, files, assetsDirectory, log });
  const denialWatch = new DenialWatch({ runner, log, auditFile: config.auditFile, hasAppArmor: kernelHasAppArmor });
  const denials = new Denials({ services, watch: denialWatch, store: new DenialStore(files, log), places: files, log });
  const report = new HostReport({
    runner, network, hostSecurity, denialSource: () => denialWatch.source(), capabilities: (signal) => hypervisor.capabilities(signal), stateDirectory: files.stateDirectory, gid: config.gid, bootId: () => events.bootId,
    changed: ({ caller: _, ...system }) => events.publish(() => ({ topic: 'system.changed', system })),
  });

  await registry.load();
  const leftovers = await journal.leftovers();
  announceInstances(services, (view) => events.publish(view));
  announceImages(images, registry, events);
  await reconcile(services, leftovers, ending.signal);
  if (config.seedImages !== undefined) await images.adoptAll(config.seedImages);
  expireDaily(async () => await images.prune((fingerprint) => registry.usersOf(fingerprint).length > 0, false), log, ending.signal);
  mounts.begin();
  await denials.begin();
  const server = await RpcServer.listen({
    files, version, bootId: events.bootId, streams: new StreamBroker(), log, validateResults: config.validateResults,
    ...(config.gid === undefined ? {} : { gid: config.gid }),
    handlers: {
      ...systemHandlers(report, events),
      ...instanceHandlers(services), ...securityHandlers(services),
      ...operationHandlers(operations),
      ...imageHandlers(images, registry, operations),
      ...consoleHandlers(services),
      ...mountHandlers(registry, mounts),
      ...denialHandlers(registry, denials),
      ...guestHandlers(services, new GuestSessions()),
    },
  });
  void report.examine(ending.signal).catch((error: unknown) => { if (!ending.signal.aborted) log.error({ err: error }, 'this computer could not be looked at'); });
  log.info({ version, pid: process.pid, runDirectory: files.runDirectory, instances: registry.all().length }, 'the helper serves');
  return { close };

  async function close(): Promise<void> {
    images.end();
    await operations.close(); // while clients are still told how their operations end
    await server.close();
    ending.abort();
    await Promise.all([mounts.close(), denials.close(), images.settled()]);
    connections.close();
    await Promise.allSettled(registry.all().map(async ({ boot }) => {
      boot?.serial.close();
      await boot?.console.release();
      boot?.machine.release();
    }));
    await network.close().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'network let go with an error'));
    claim.release();
  }

  async function snapshot(viewer: Actor): Promise<Snapshot> {
    return {
      instances: listInstances(services, viewer),
      operations: [...operations.list(viewer)],
      ...imagesNow(images, registry),
      system: await report.info(viewer),
    };
  }
}

function announceImages(images: LocalImages, registry: Registry, events: EventLog): void {
  const announce = (): void => {
    const now = imagesNow(images, registry);
    events.publish(() => ({ topic: 'images.changed', ...now }));
  };
  images.onChange(announce);
  registry.on('removed', announce);
}

/** All that is told of images, at this moment. */
function imagesNow(images: LocalImages, registry: Registry): Pick<Snapshot, 'catalogue' | 'vault' | 'remotes'> {
  return { catalogue: [...images.catalogue()], vault: [...images.list((fingerprint) => registry.usersOf(fingerprint))], remotes: [...images.remotes()] };
}

/** The state's directories may be passed through, not listed: machines run as users of their own and need their disks. */
async function prepareDirectories(files: Files): Promise<void> {
  for (const directory of [files.stateDirectory, files.instances, files.images, files.runDirectory, files.machines]) {
    await mkdir(directory, { recursive: true });
    await chmod(directory, directory === files.runDirectory ? 0o755 : 0o711);
  }
  for (const directory of [files.operations, files.profiles]) await mkdir(directory, { recursive: true, mode: 0o700 });
  await rm(files.work, { recursive: true, force: true }); // what an earlier helper was in the middle of
  await mkdir(path.join(files.work), { mode: 0o711 });
}
