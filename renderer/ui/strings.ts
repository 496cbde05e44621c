// SPDX-License-Identifier: MIT
import type { BootPhase } from '#contract/operations.ts';
import type { InstanceState } from '#contract/instances.ts';

/** Words that more than one screen uses. */
export const uiStrings = {
  copied: 'Copied',
  copyCommand: 'Copy command',
  dismiss: 'Dismiss',
  close: 'Close',
  cancel: 'Cancel',
  states: {
    creating: 'Creating',
    starting: 'Starting',
    running: 'Running',
    stopping: 'Stopping',
    stopped: 'Stopped',
    restarting: 'Restarting',
    paused: 'Paused',
    deleted: 'Deleted',
    unknown: 'Unknown',
    broken: 'Broken',
  } satisfies Readonly<Record<InstanceState, string>>,
  phases: {
    image: 'Image',
    disk: 'Disk',
    seed: 'Seed',
    network: 'Network',
    firmware: 'Firmware',
    kernel: 'Kernel',
    lease: 'Address lease',
    sshd: 'SSH server',
    'cloud-init': 'cloud-init',
  } satisfies Readonly<Record<BootPhase, string>>,
} as const;
