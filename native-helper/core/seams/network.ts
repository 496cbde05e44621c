// SPDX-License-Identifier: MIT
// The network that machines are on.
import type { InstanceName, MacAddress } from '#contract/names.ts';
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

export interface NetworkAttachment {
  readonly instance: InstanceName;
  readonly mac: MacAddress;
  readonly tap: string;
  readonly owner: Credentials;
}

export interface NetworkBackend {
  observe(): Promise<NetworkObservation>;
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
  onLease(listener: (mac: MacAddress, lease: Lease | undefined) => void): () => void;
  /** Stops nothing: machines keep their network while no helper lives. */
  close(): Promise<void>;
}
