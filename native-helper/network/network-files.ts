// SPDX-License-Identifier: MIT
import path from 'node:path';
import { dnsmasqProfileName } from '../confinement/profiles/dnsmasq.ts';
import type { Files } from '../store/files.ts';

/**
 * The files of the network below the run directory, plus the lease script, which cannot be there: many hosts mount /run
 * noexec.
 */
export class NetworkFiles {
  readonly state: string;
  readonly directory: string;
  /** Run by dnsmasq on each lease event. */
  readonly script: string;
  /** The source of dnsmasq's profile. */
  readonly profile: string;

  constructor(files: Files) {
    this.state = files.networkState;
    this.directory = files.network;
    this.script = path.join(path.dirname(files.networkState), 'lease-event');
    this.profile = path.join(files.profiles, dnsmasqProfileName);
  }

  get config(): string {
    return path.join(this.directory, 'dnsmasq.conf');
  }
  get hosts(): string {
    return path.join(this.directory, 'hosts');
  }
  get leases(): string {
    return path.join(this.directory, 'leases');
  }
  get events(): string {
    return path.join(this.directory, 'lease-events');
  }
  get pid(): string {
    return path.join(this.directory, 'dnsmasq.pid');
  }
  get log(): string {
    return path.join(this.directory, 'dnsmasq.log');
  }
  /** The host's ip_forward from before us. Below /run, because a reboot resets the kernel's value as well. */
  get forwarding(): string {
    return path.join(this.directory, 'ip-forward-before');
  }
}
