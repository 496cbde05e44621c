// SPDX-License-Identifier: MIT
import { realpathSync } from 'node:fs';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import { sentence } from '#messages/say.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { allOrFirstFault } from '../core/all-or-first-fault.ts';
import { SharedWork } from '../core/shared-work.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type {
  Lease,
  NetworkAttachment,
  NetworkBackend,
  NetworkExamination,
  NetworkObservation,
  Tap,
} from '../core/seams/network.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import type { Files } from '../store/files.ts';
import { releaseLease } from './dhcp-release.ts';
import { Dnsmasq } from './dnsmasq.ts';
import { examineNetwork } from './examine-network.ts';
import { examinePorts } from './examine-ports.ts';
import { enableForwarding, restoreForwarding } from './forwarding.ts';
import { HostNetwork } from './host-network.ts';
import { LeaseBook } from './lease-book.ts';
import {
  addressCommands,
  bridgeCommands,
  neighbourCommand,
  neighbourRemoval,
  removalCommands,
  tapCommands,
} from './link-commands.ts';
import { markOf, type LinkObservation, type NetworkMark } from './links.ts';
import { NetworkFiles } from './network-files.ts';
import { asNetworkError } from './network-error.ts';
import { removal, ruleset, usualBridge } from './nftables.ts';
import { planNetwork } from './reconcile.ts';
import { hasRunDirectory, hasRunFiles, removeRunFiles } from './run-files.ts';
import { SubnetPlan } from './subnet-plan.ts';
import type { Subnet } from './subnet.ts';
import { openTap } from './tap-device.ts';
import { isTapName } from './tap-name.ts';

interface LinuxNetworkParts {
  readonly files: Files;
  readonly runner: ProcessRunner;
  readonly log: Logger;
  /** `mpqemubr0` when absent. */
  readonly bridgeName?: string;
}

/** How long a removal may take: it has no caller who could cancel it. */
const removalTimeoutMs = 30_000;

/**
 * One bridge with NAT for all instances, by ip, nft and dnsmasq. {@link reconcile} comes before the first {@link
 * attach}. All that changes the host is done one after the other.
 */
export class LinuxNetwork implements NetworkBackend {
  readonly #bridge: string;
  readonly #mark: NetworkMark;
  readonly #files: NetworkFiles;
  readonly #log: Logger;
  readonly #host: HostNetwork;
  readonly #dnsmasq: Dnsmasq;
  readonly #leases: LeaseBook;
  readonly #plan: SubnetPlan;
  readonly #lock = new KeyedLock<'network'>();
  readonly #attachments = new Map<string, NetworkAttachment>();
  /** Who asks meanwhile gets the same answer: rules may be many. */
  readonly #examinations = new SharedWork<NetworkExamination>();
  readonly #portLooks = new SharedWork<ReadonlyMap<InstanceName, readonly NetworkFault[]>>();

  constructor({ files, runner, log, bridgeName = usualBridge }: LinuxNetworkParts) {
    if (!/^[a-z][a-z0-9-]{0,14}$/.test(bridgeName) || isTapName(bridgeName))
      throw new HelperError('network.setup-failed', {
        reason: sentence('network.no-bridge-name', { bridge: bridgeName }),
      });
    this.#bridge = bridgeName;
    this.#files = new NetworkFiles(files);
    this.#log = log;
    this.#mark = markOf(bridgeName, realPathOf(files.stateDirectory));
    this.#host = new HostNetwork(runner, this.#mark);
    this.#dnsmasq = new Dnsmasq({
      files: this.#files,
      runner,
      appArmor: new AppArmor(runner, files.profiles),
      log,
      bridge: bridgeName,
    });
    this.#leases = new LeaseBook(this.#files, log);
    this.#plan = new SubnetPlan({ file: this.#files.state, host: this.#host, log });
  }

  async observe(): Promise<NetworkObservation> {
    const signal = AbortSignal.timeout(removalTimeoutMs);
    const [links, dnsmasq, table, hasFiles] = await Promise.all([
      this.#orUnknown(this.#links(signal)),
      this.#orUnknown(this.#dnsmasq.isRunning()),
      this.#orUnknown(this.#host.hasTables(signal)),
      hasRunFiles(this.#files),
    ]);
    const subnet =
      links !== 'unknown' && links.bridge === 'present'
        ? await this.#orUnknown(this.#host.bridgeSubnet(signal))
        : undefined;
    return {
      bridge: links === 'unknown' ? 'unknown' : links.bridge,
      taps: links === 'unknown' ? 'unknown' : links.taps,
      dnsmasq: dnsmasq === 'unknown' ? 'unknown' : dnsmasq ? 'running' : 'absent',
      table: links === 'unknown' ? 'unknown' : ownTable(table, links.bridge, hasFiles),
      files: hasFiles ? 'present' : 'absent',
      ...(subnet === undefined || subnet === 'unknown' ? {} : { subnet: subnet.prefix }),
    };
  }

  async examine(signal: AbortSignal): Promise<NetworkExamination> {
    return await this.#examinations.join('all', unreported(signal), (shared) => this.#examine(shared.signal));
  }

  #examine(signal: AbortSignal): Promise<NetworkExamination> {
    // after what is under way: half made it would look broken
    return this.#exclusively(async () => {
      const { subnet } = this.#plan;
      const attached = [...this.#attachments.values()];
      if (attached.length === 0 || subnet === undefined) return { bridge: this.#bridge, obstacles: [] };
      const ports = attached.flatMap(({ tap, mac }) => {
        const address = this.#plan.addressOf(mac);
        return address === undefined ? [] : [{ tap, mac, address }];
      });
      return {
        bridge: this.#bridge,
        obstacles: await examineNetwork({ host: this.#host, bridge: this.#bridge, subnet, ports }, signal),
      };
    });
  }

  async examinePorts(
    instances: readonly InstanceName[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<InstanceName, readonly NetworkFault[]>> {
    const attached = [...this.#attachments.values()].filter(({ instance }) => instances.includes(instance));
    if (attached.length === 0) return new Map();
    const look = {
      host: this.#host,
      bridge: this.#bridge,
      files: this.#files,
      gateway: this.#plan.gateway,
      addressOf: (mac: MacAddress) => this.#plan.addressOf(mac),
    };
    const key = attached.map(({ tap, instance }) => `${tap} ${instance}`).join('\n');
    return await this.#portLooks.join(
      key,
      unreported(signal),
      async (shared) => await examinePorts(look, attached, shared.signal),
    );
  }

  reconcile(attachments: readonly NetworkAttachment[], signal: AbortSignal): Promise<void> {
    return this.#exclusively(async () => {
      const seen = await this.observe();
      const plan = planNetwork(seen, attachments);
      this.#attachments.clear();
      for (const attachment of attachments) this.#attachments.set(attachment.tap, attachment);
      if (seen.bridge === 'unknown' || seen.taps === 'unknown') {
        this.#log.warn('the network could not be seen; nothing was changed');
        return;
      }
      if (plan.tapsToRemove.length > 0)
        this.#log.info({ taps: plan.tapsToRemove }, 'taps without an owner are removed');
      if (plan.isTornDown) await this.#tearDown({ bridge: seen.bridge, taps: seen.taps });
      if (plan.isWanted) await this.#bringUp({ bridge: seen.bridge }, plan.tapsToMake, plan.tapsToRemove, signal);
    });
  }

  attach(attachment: NetworkAttachment, signal: AbortSignal): Promise<Tap> {
    const { tap } = attachment;
    return this.#exclusively(async () => {
      if (!isTapName(tap))
        throw new HelperError('network.setup-failed', { reason: sentence('network.no-tap-of-ours', { tap }) });
      signal.throwIfAborted();
      const before = await this.#links(signal);
      this.#attachments.set(tap, attachment);
      try {
        // one that is there already belonged to an earlier machine, perhaps of another user
        await this.#bringUp(
          before,
          [attachment],
          before.taps.filter((each) => each === tap),
          signal,
        );
      } catch (error) {
        await this.#undoAttach(attachment);
        throw error;
      }
      return { name: tap, openFd: () => openTap(tap) };
    });
  }

  detach(tap: string): Promise<void> {
    return this.#exclusively(() => this.#remove(tap));
  }

  leaseFor(mac: MacAddress): Lease | undefined {
    return this.#leases.leaseFor(mac);
  }

  onLease(listener: (mac: MacAddress, lease: Lease | undefined) => void): () => void {
    return this.#leases.onLease(listener);
  }

  addressFor(mac: MacAddress): string | undefined {
    return this.#plan.addressOf(mac);
  }

  /** Gives the address of a purged instance back. */
  forget(mac: MacAddress): Promise<void> {
    return this.#exclusively(() => this.#plan.forget(mac));
  }

  retain(macs: readonly MacAddress[]): Promise<void> {
    return this.#exclusively(() => this.#plan.retain((mac) => macs.includes(mac)));
  }

  close(): Promise<void> {
    return this.#lock.hold('network', () => {
      this.#dnsmasq.release();
      this.#leases.pause();
      return Promise.resolve();
    });
  }

  async #bringUp(
    before: Pick<LinkObservation, 'bridge'>,
    toMake: readonly NetworkAttachment[],
    toRemove: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (before.bridge === 'foreign') throw new HelperError('network.bridge-conflict', { bridge: this.#bridge });
    const attached = [...this.#attachments.values()];
    const subnet = await this.#plan.prepare(
      before.bridge === 'present',
      attached.map((each) => each.mac),
      signal,
    );
    await makeDirectory(this.#files.directory, 0o711);
    const commands = [
      ...removalCommands(toRemove),
      ...(before.bridge === 'absent' ? bridgeCommands : addressCommands)(this.#mark, subnet),
      ...toMake.flatMap((each) => [...tapCommands(this.#mark, each.tap, each.owner.uid), ...this.#neighbour(each.mac)]),
    ];
    await allOrFirstFault([this.#host.apply(commands), this.#writeHosts(), this.#plan.save()]);
    signal.throwIfAborted();
    await allOrFirstFault([
      this.#applyRules(subnet, signal),
      this.#dnsmasq.ensure(subnet, signal).then(() => this.#leases.follow()),
      enableForwarding(this.#files, this.#log),
    ]);
  }

  #neighbour(mac: MacAddress): readonly string[] {
    const address = this.#plan.addressOf(mac);
    return address === undefined ? [] : [neighbourCommand(this.#bridge, address, mac)];
  }

  /** Leaves no trace of an attach that failed; what fails in that is logged, for the first error is the one to tell. */
  async #undoAttach({ tap }: NetworkAttachment): Promise<void> {
    try {
      await this.#remove(tap);
    } catch (error) {
      this.#log.error({ tap, reason: messageOf(error) }, 'a failed attach could not be undone');
    }
  }

  async #remove(tap: string): Promise<void> {
    const signal = AbortSignal.timeout(removalTimeoutMs);
    const attachment = this.#attachments.get(tap);
    this.#attachments.delete(tap);
    const links = await this.#links(signal);
    if (this.#attachments.size === 0 && links.taps.every((each) => each === tap)) return this.#tearDown(links);
    if (attachment !== undefined) this.#release(attachment.mac);
    if (links.bridge === 'present') {
      await allOrFirstFault([
        this.#applyRules(await this.#subnet(signal), signal),
        this.#writeHosts().then(async () => this.#dnsmasq.ensure(await this.#subnet(signal), signal)),
      ]);
    }
    const address = attachment && this.#plan.addressOf(attachment.mac);
    const neighbour =
      links.bridge === 'present' && address !== undefined ? [neighbourRemoval(this.#bridge, address)] : [];
    if (links.taps.includes(tap)) await this.#host.apply([...removalCommands([tap]), ...neighbour]);
  }

  /** What is here of devices, ours told from others'. */
  async #links(signal: AbortSignal): Promise<LinkObservation> {
    return await this.#host.links(await hasRunDirectory(this.#files), signal);
  }

  /** Everything of ours goes, and only that: a foreign bridge of our name stays, with the tables that are its own. */
  async #tearDown(links: Pick<LinkObservation, 'bridge' | 'taps'>): Promise<void> {
    const signal = AbortSignal.timeout(removalTimeoutMs);
    const names = [...links.taps, ...(links.bridge === 'present' ? [this.#bridge] : [])];
    await allOrFirstFault([
      this.#dnsmasq.stop().then(() => this.#leases.end()),
      this.#removeRules(links, signal).then(() => this.#host.apply(removalCommands(names))),
      this.#restoreForwarding(signal),
    ]);
    await removeRunFiles(this.#files);
  }

  /** Where another helper's guests need it too, it stays on. */
  async #restoreForwarding(signal: AbortSignal): Promise<void> {
    if (!(await this.#links(signal)).hasOthers) await restoreForwarding(this.#files, this.#log);
  }

  async #removeRules({ bridge }: Pick<LinkObservation, 'bridge'>, signal: AbortSignal): Promise<void> {
    if (bridge !== 'foreign') await this.#host.applyRules(removal(this.#bridge), signal);
  }

  #subnet(signal: AbortSignal): Promise<Subnet> {
    return this.#plan.prepare(
      true,
      [...this.#attachments.values()].map((each) => each.mac),
      signal,
    );
  }

  #applyRules(subnet: Subnet, signal: AbortSignal): Promise<void> {
    const ports = [...this.#attachments.values()].map(({ tap, mac }) => ({
      tap,
      mac,
      address: this.#plan.addressOf(mac) ?? '',
    }));
    return this.#host.applyRules(ruleset(this.#bridge, subnet, ports), signal);
  }

  #writeHosts(): Promise<void> {
    const hosts = [...this.#attachments.values()].map(({ mac, instance }) => ({
      mac,
      name: instance,
      address: this.#plan.addressOf(mac) ?? '',
    }));
    return this.#dnsmasq.setHosts(hosts);
  }

  #release(mac: MacAddress): void {
    const lease = this.#leases.leaseFor(mac);
    const server = this.#plan.gateway;
    if (lease === undefined || server === undefined) return;
    try {
      releaseLease({ bridge: this.#bridge, server, mac, address: lease.address });
    } catch (error) {
      // it ends by itself in time, and its address is the instance's own
      this.#log.warn({ mac, reason: messageOf(error) }, 'a lease could not be released');
    }
  }

  async #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#lock.hold('network', work);
    } catch (error) {
      throw asNetworkError(error);
    }
  }

  async #orUnknown<Value>(looking: Promise<Value>): Promise<Value | 'unknown'> {
    try {
      return await looking;
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'a part of the network could not be seen');
      return 'unknown';
    }
  }
}

/** Tables belong to whoever has the bridge: where there is none, to whoever knows of having made it. */
function ownTable(
  table: boolean | 'unknown',
  bridge: LinkObservation['bridge'],
  hasFiles: boolean,
): NetworkObservation['table'] {
  const isOurs = bridge === 'present' || (bridge === 'absent' && hasFiles);
  if (table === 'unknown') return 'unknown';
  return table && isOurs ? 'present' : 'absent';
}

/** One name, by whichever links it is given. Where it is not there yet, nothing was made for it. */
function realPathOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

function unreported(signal: AbortSignal): { readonly signal: AbortSignal; readonly report: () => void } {
  return { signal, report: () => {} };
}
