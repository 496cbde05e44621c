// SPDX-License-Identifier: MIT
import type { BootPhase, OperationKind } from '#contract/operations.ts';
import type { InstanceState } from '#contract/instances.ts';

/** Words that more than one screen uses. */
export const uiStrings = {
  copied: 'Copied',
  copyCommand: 'Copy command',
  dismiss: 'Dismiss',
  close: 'Close',
  cancel: 'Cancel',
  states: {
    creating: 'Creating', starting: 'Starting', running: 'Running', stopping: 'Stopping', stopped: 'Stopped',
    restarting: 'Restarting', paused: 'Paused', deleted: 'Deleted', unknown: 'Unknown', broken: 'Broken',
  } satisfies Readonly<Record<InstanceState, string>>,
  phases: {
    image: 'Image', disk: 'Disk', seed: 'Seed', network: 'Network', firmware: 'Firmware', kernel: 'Kernel',
    lease: 'Address lease', sshd: 'SSH server', 'cloud-init': 'cloud-init',
  } satisfies Readonly<Record<BootPhase, string>>,
  kinds: {
    launch: 'Launch', start: 'Start', stop: 'Stop', restart: 'Restart', delete: 'Delete', recover: 'Recover',
    purge: 'Delete for good', 'image-import': 'Import image', 'image-build': 'Build image', 'image-fetch': 'Fetch image', 'image-refresh': 'Refresh catalogue', 'image-verify': 'Verify image',
  } satisfies Readonly<Record<OperationKind, string>>,
  underway: {
    launch: 'Launching', start: 'Starting', stop: 'Stopping', restart: 'Restarting', delete: 'Deleting', recover: 'Recovering',
    purge: 'Deleting for good', 'image-import': 'Importing', 'image-build': 'Building', 'image-fetch': 'Fetching', 'image-refresh': 'Refreshing', 'image-verify': 'Verifying',
  } satisfies Readonly<Record<OperationKind, string>>,
} as const;
