// SPDX-License-Identifier: MIT
// The network that machines are on.
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import type { Credentials } from './processes.ts';

export interface Tap {
  readonly name: string;
  /** An open descriptor of the tap, for one machine's start; the caller closes it. */
  openFd(): number;
}

export interface Lease {
  readonly mac: MacAddress;
  readonly address: string;
  readonly at: Date;
}

/** What was seen of the network; `unknown` where looking failed, which is never the same as absent. */
export interface NetworkObservation {
  readonly bridge: 'present' | 'absent' | 'foreign' | 'unknown';
  readonly dnsmasq: 'running' | 'absent' | 'unknown';
  readonly taps: readonly string[] | 'unknown';
  readonly subnet?: string;
  readonly table: 'present' | 'absent' | 'unknown';
  /** What it keeps in files while it runs. */
  readonly files: 'present' | 'absent';
}

/** What keeps the network of all instances from carrying, as the kernel says at the moment. */
export type NetworkObstacle =
  | { readonly kind: 'bridge-gone' | 'bridge-down' | 'rules-gone' }
  /** Others' rules could not be followed to their end: they may drop packets or not. */
  | { readonly kind: 'too-many-rules' }
  | { readonly kind: 'no-address'; readonly address: string }
  /** A setting of sysctl(8) that is 0. */
  | { readonly kind: 'not-forwarding'; readonly setting: string }
  | {
      readonly kind: 'dropped';
      readonly traffic: 'forwarded' | 'to-host';
      /** What is dropped comes from guests or goes to them. */
      readonly direction: 'from' | 'to';
      /** False where others' packets pass: a rule for one tap, address or MAC. */
      readonly isOfAll: boolean;
      /** nft's, or `legacy` for iptables' old tables. */
      readonly family: string;
      readonly table: string;
      readonly chain: string;
      readonly hook: string;
      /** What drops: a rule's chain and number; the chain's policy where undefined. */
      readonly rule?: { readonly chain: string; readonly handle: number } | undefined;
      readonly isCertain: boolean;
      /** Which program's rules they are, by what it calls its chains. */
      readonly firewall: 'docker' | 'ufw' | 'firewalld' | 'iptables' | 'nftables';
    }
  /**
   * `isOverridden`: what is meant for instances leaves by another device; else only what the wider route leads to is
   * out of reach.
   */
  | {
      readonly kind: 'routed-elsewhere';
      readonly prefix: string;
      readonly device: string;
      readonly isOverridden: boolean;
    }
  | { readonly kind: 'unseen'; readonly part: 'rules' | 'old rules' | 'routes' | 'settings'; readonly reason: string };

export interface NetworkExamination {
  readonly bridge: string;
  readonly obstacles: readonly NetworkObstacle[];
}

export interface NetworkAttachment {
  readonly instance: InstanceName;
  readonly mac: MacAddress;
  readonly tap: string;
  readonly owner: Credentials;
}

export interface NetworkBackend {
  observe(): Promise<NetworkObservation>;
  /**
   * Asks the kernel whether what is attached can be reached and reach others; nothing is told of a network that nobody
   * uses.
   */
  examine(signal: AbortSignal): Promise<NetworkExamination>;
  /** What is wrong now with the port of each of these instances that is attached; one that is well is not in it. */
  examinePorts(
    instances: readonly InstanceName[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<InstanceName, readonly NetworkFault[]>>;
  /**
   * Brings the host to what `attachments` ask for and removes what carries our name and is not asked
   * for: at helper start, with the machines that were adopted.
   */
  reconcile(attachments: readonly NetworkAttachment[], signal: AbortSignal): Promise<void>;
  /** The bridge, dnsmasq and NAT are there afterwards, and a tap of the attachment's name on the bridge. */
  attach(attachment: NetworkAttachment, signal: AbortSignal): Promise<Tap>;
  /** Removes the tap and the lease; the last one takes bridge, table and dnsmasq with it. */
  detach(tap: string): Promise<void>;
  /** Gives the reserved address free: the instance is gone for good. */
  forget(mac: MacAddress): Promise<void>;
  /** Gives free every reserved address but these. */
  retain(macs: readonly MacAddress[]): Promise<void>;
  leaseFor(mac: MacAddress): Lease | undefined;
  /** Calls back on a lease given, renewed (`lease` present) or ended; returns the way to stop listening. */
  /** The address that is, or will be, the instance's; undefined before its first attach. */
  addressFor(mac: MacAddress): string | undefined;
  onLease(listener: (mac: MacAddress, lease: Lease | undefined) => void): () => void;
  /** Stops nothing: machines keep their network while no helper lives. */
  close(): Promise<void>;
}
