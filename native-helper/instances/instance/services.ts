// SPDX-License-Identifier: MIT
import type { SeedWriter } from '../../cloudinit/seed.ts';
import type { QuotaFile } from '../../confinement/administrator/quotas.ts';
import type { HostSecurity } from '../../confinement/host-security.ts';
import type { Logger } from '../../core/log.ts';
import type { Hypervisor } from '../../core/seams/hypervisor.ts';
import type { Images } from '../../core/seams/images.ts';
import type { FoldersInGuests } from '../../core/seams/instances.ts';
import type { NetworkBackend } from '../../core/seams/network.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import type { GuestConnections } from '../../guest/guest-connections.ts';
import type { OperationManager } from '../../operations/manager.ts';
import type { Files } from '../../store/files.ts';
import type { InstanceStore } from '../../store/instance-store.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { UserCounter } from '../../store/user-counter.ts';
import type { Facets } from '../views/facets.ts';
import type { Instance } from './instance.ts';
import type { Registry } from './registry.ts';

/** What the use cases of instances work with; compose.ts fills it. */
export interface InstanceServices {
  readonly files: Files;
  readonly store: InstanceStore;
  readonly ledger: Ledger;
  readonly registry: Registry;
  /** What instances show. */
  readonly facets: Facets;
  readonly operations: OperationManager;
  readonly images: Images;
  readonly network: NetworkBackend;
  readonly hypervisor: Hypervisor;
  readonly hostSecurity: HostSecurity;
  readonly quotas: QuotaFile;
  readonly runner: ProcessRunner;
  readonly seeds: SeedWriter;
  readonly connections: GuestConnections;
  readonly mounts: FoldersInGuests<Instance>;
  /** Who machines run as. */
  readonly users: UserCounter;
  readonly log: Logger;
}
