// SPDX-License-Identifier: MIT
import type { Snapshot } from '#contract/events.ts';
import { assemble, type Parts } from './assemble.ts';
import type { Config } from './config.ts';
import { messageOf } from './core/errors.ts';
import type { Logger } from './core/log.ts';
import type { Actor } from './core/seams/operation.ts';
import { DenialWatch } from './instances/denials/denial-watch.ts';
import { OwnDenials } from './instances/denials/own-denials.ts';
import { GuestSessions } from './guest/sessions.ts';
import { expireDaily } from './images/vault/expire-daily.ts';
import type { LocalImages } from './images/local-images.ts';
import { announceInstances } from './instances/views/announce.ts';
import { Denials } from './instances/denials/denials.ts';
import { examineInstanceNetworks } from './instances/views/examine-networks.ts';
import { listInstances } from './instances/views/list.ts';
import { reconcile } from './instances/reconcile/reconcile.ts';
import type { Registry } from './instances/instance/registry.ts';
import type { InstanceServices } from './instances/instance/services.ts';
import { startAgain } from './instances/verbs/start-again.ts';
import type { EventLog } from './events/event-log.ts';
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
import { StreamBroker } from './rpc/stream-broker.ts';
import { DenialStore } from './store/denial-store.ts';
import { HostReport } from './system/host-report.ts';
import { kernelHasAppArmor } from './system/kernel-security.ts';
import { version } from './system/version.ts';

export interface RunningHelper {
  /** Ends the helper. Machines, bridge and dnsmasq go on; the next helper finds them. */
  close(): Promise<void>;
}

/** Puts the helper together and begins to serve; with assemble.ts the only place that knows all of its parts. */
export async function compose(config: Config, log: Logger): Promise<RunningHelper> {
  const parts = await assemble(config, log, (viewer) => snapshot(viewer));
  const { files, claim, runner, registry, events, journal, operations, images, network, connections, policy, mounts } =
    parts;
  const services: InstanceServices = parts;
  const ending = new AbortController();
  const denialWatch = new DenialWatch({ runner, log, auditFile: config.auditFile, hasAppArmor: kernelHasAppArmor });
  const denialStore = new DenialStore(log);
  const denials = new Denials({
    services,
    instances: parts.instances,
    watch: denialWatch,
    store: denialStore,
    places: files,
    log,
  });
  const ownDenials = new OwnDenials({ watch: denialWatch, store: denialStore, file: files.ownDenials, log });
  const report = hostReport(parts, config, denialWatch);

  await services.quotas.refresh();
  await registry.load();
  const leftovers = await journal.leftovers();
  const announceOutdated = announceInstances(services, (view) => events.publish(view));
  announceImages(images, registry, events);
  await reconcile(services, leftovers, ending.signal);
  if (config.seedImages !== undefined) await images.adoptAll(config.seedImages);
  expireDaily(
    async () => await images.prune((fingerprint) => registry.usersOf(fingerprint).length > 0, false),
    log,
    ending.signal,
  );
  await mounts.begin();
  await ownDenials.begin();
  await denials.begin();
  await startAgain(services, async () => (await policy.read()).startsAgain);
  const server = await listen(parts, config, log, { report, denials, ownDenials });
  void report.examine(ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) log.error({ err: error }, 'this computer could not be looked at');
  });
  log.info(
    { version, pid: process.pid, runDirectory: files.runDirectory, instances: registry.all().length },
    'the helper serves',
  );
  return { close };

  async function close(): Promise<void> {
    images.end();
    await operations.close(); // while clients are still told how their operations end
    await server.close();
    ending.abort();
    await Promise.all([mounts.close(), denials.close(), ownDenials.close(), images.settled()]);
    await connections.close();
    await letMachinesGo(registry);
    await network
      .close()
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'network let go with an error'));
    claim.release();
  }

  async function snapshot(viewer: Actor): Promise<Snapshot> {
    announceOutdated();
    const { catalogue, vault, remotes } = images.shown((fingerprint) => registry.usersOf(fingerprint), viewer);
    return {
      instances: listInstances(services, viewer),
      operations: [...operations.list(viewer)],
      catalogue: [...catalogue],
      vault: [...vault],
      remotes: [...remotes],
      system: await report.info(viewer),
    };
  }
}

function hostReport(parts: Parts, config: Config, denialWatch: DenialWatch): HostReport {
  const { runner, network, hostSecurity, quotas, hypervisor, files, events, registry, images } = parts;
  return new HostReport({
    runner,
    network,
    hostSecurity,
    quotas,
    unusableImageSettings: () => images.unusableSettings(),
    denialSource: () => denialWatch.source(),
    capabilities: (signal) => hypervisor.capabilities(signal),
    stateDirectory: files.stateDirectory,
    gid: config.gid,
    bootId: () => events.bootId,
    networkFaults: async (viewer, signal) => {
      const own = registry.all().filter((each) => each.isOwnedBy(viewer));
      return await examineInstanceNetworks(parts, own, signal);
    },
    changed: ({ caller: _, ...system }) => events.publish(() => ({ topic: 'system.changed', system })),
  });
}

interface Told {
  readonly report: HostReport;
  readonly denials: Denials;
  readonly ownDenials: OwnDenials;
}

/** Serves the contract's methods; from here on clients come. */
async function listen(parts: Parts, config: Config, log: Logger, told: Told): Promise<RpcServer> {
  const { files, registry, events, operations, images, mounts } = parts;
  const { report, denials, ownDenials } = told;
  return await RpcServer.listen({
    files,
    version,
    bootId: events.bootId,
    streams: new StreamBroker(undefined, () => parts.quotas.current),
    log,
    quotas: parts.quotas,
    validateResults: config.validateResults,
    ...(config.gid === undefined ? {} : { gid: config.gid }),
    handlers: {
      ...systemHandlers(report, events),
      ...instanceHandlers(parts),
      ...securityHandlers(parts),
      ...operationHandlers(operations),
      ...imageHandlers(images, registry, operations),
      ...consoleHandlers(parts),
      ...mountHandlers(registry, mounts),
      ...denialHandlers(registry, denials, ownDenials),
      ...guestHandlers(parts, new GuestSessions()),
    },
  });
}

/** They go on without a helper. */
async function letMachinesGo(registry: Registry): Promise<void> {
  await Promise.allSettled(
    registry.all().map(async ({ boot }) => {
      boot?.serial.close();
      await boot?.console.release();
      boot?.machine.release();
    }),
  );
}

function announceImages(images: LocalImages, registry: Registry, events: EventLog): void {
  const announce = (): void => void events.publish(() => ({ topic: 'images.outdated' }));
  images.onChange(announce);
  registry.on('removed', announce);
  registry.on('forgotten', announce);
}
