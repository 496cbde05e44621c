// SPDX-License-Identifier: MIT
import type { MountSummary } from '#contract/mounts.ts';
import type { KnownOf } from '#contract/open-enum.ts';
import { countOf } from '../../lib/format.ts';

export const dropStrings = {
  drop: (name: string): string => `Drop on ${name}`,
  liveNote: (folder: string | undefined): string =>
    `Folders are shared; files are copied ${folder === undefined ? 'to its home folder' : `to ${folder}`}`,
  laterNote: 'Folders will be shared from its next start',
  copy: (count: number, name: string): string => `Copy ${countOf(count, 'file', 'files')} to ${name}`,
  into: (folder: string | undefined): string =>
    folder === undefined ? 'To its home folder' : `To ${folder}, the folder of this shell`,
  shareParent: (count: number): string => (count === 1 ? 'Share its folder' : 'Share their folder'),
  shareParentNote: (name: string): string => `with ${name}`,
  shareParentLater: 'from its next start',
  notRunning: (name: string): string => `${name} is not running. Start it to copy files.`,
  notConnected: 'The helper is not connected, so nothing can be shared or copied',
  notOwn: (name: string): string => `${name} belongs to another user`,
  deleted: (name: string): string => `${name} is deleted`,
  broken: (name: string): string => `${name} is broken: its record cannot be read`,
  elsewhere: 'Drop folders on an instance to share them, and files to copy them',
  tooMany: (most: number): string =>
    `More than ${most} files at once. Drop their folder instead and choose to copy it.`,
  withoutPath: 'This item is not a file on this computer. Save it first, then drop it.',
} as const;

export const shareStrings = {
  title: (count: number, name: string): string =>
    count === 1 ? `Share a folder with ${name}` : `Share ${count} folders with ${name}`,
  source: 'Folder on this computer',
  target: 'Folder in the instance',
  targetOf: (source: string): string => `Folder in the instance for ${source}`,
  targetNote: "Relative to the home folder of the instance's user, unless it starts with /",
  later: (name: string): string => `${name} is not running`,
  laterText: 'The folder will be available from its next start.',
  access: 'Access',
  accesses: { rw: 'Read and write', ro: 'Read only' },
  more: 'More options',
  owners: 'Owners',
  ownersKinds: { user: "As the instance's user", numbers: 'Map user and group IDs' },
  ownersNote: "Your files belong to the instance's user, and its files belong to you.",
  users: 'Users',
  groups: 'Groups',
  numbersHint: '1000:1000',
  numbersNote:
    'Pairs of IDs, HOST:GUEST, separated by spaces. Files of other users stay as they are and cannot be changed.',
  numbersError: 'Enter pairs of numbers, HOST:GUEST, separated by spaces',
  type: 'Method',
  types: { auto: 'Automatic', virtiofs: 'virtiofs', sshfs: 'sshfs', '9p': '9p' },
  notify: 'File change events',
  notifies: { off: 'Off', on: 'Send to the instance' },
  notifyNote: 'For programs in the instance that watch the folder, such as a development server',
  missing: 'Enter a folder',
  twice: 'Another folder already uses this path',
  cancel: 'Cancel',
  copyInstead: 'Copy instead',
  copyInsteadHint: 'Copies the current contents. Later changes are not synchronized.',
  share: 'Share',
  sharing: 'Sharing…',
  done: (target: string, name: string): string => `${target} is available in ${name}`,
  doneLater: (target: string, name: string): string => `${target} will be available in ${name}`,
} as const;

export const sharesTabStrings = {
  tab: 'Shares',
  title: 'Shared folders',
  add: 'Share a folder…',
  noneText: (name: string): string =>
    `No shared folders. Drop a folder here or on ${name} in the list. It is available at once and after every restart.`,
  isIn: 'in the instance as',
  copyTarget: 'Copy path in the instance',
  readOnly: 'read-only',
  readWrite: 'read and write',
  by: (transport: string): string => `by ${transport}`,
  overSsh: (transport: string): string => `by ${transport} over SSH`,
  userMap: (host: number, guest: number): string => `user ${host} maps to ${guest}`,
  groupMap: (host: number, guest: number): string => `group ${host} maps to ${guest}`,
  notified: (count: number): string => (count === 0 ? 'sends change events' : `${count} change events sent`),
  traffic: (toGuest: string, fromGuest: string): string => `${toGuest} read, ${fromGuest} written`,
  remove: 'Stop sharing',
  reconnect: 'Reconnect',
  usedTitle: 'The folder is in use',
  usedText: (target: string): string => `These programs are using ${target}. Unsaved changes will be lost.`,
  usedKeep: 'Keep sharing',
  process: (pid: number): string => `process ${pid}`,
  reconnects: (count: number): string => (count === 1 ? 'reconnected once' : `reconnected ${count} times`),
  lastError: (ago: string): string => `Last error, ${ago}:`,
  fallback: 'Fallback:',
  states: {
    waiting: 'Waiting for the instance',
    connecting: 'Connecting',
    connected: 'Connected',
    degraded: 'Not responding',
    'not-connected': 'Not connected',
  } satisfies Readonly<Record<KnownOf<MountSummary['state']>, string>>,
  copyTitle: 'Copy files',
  copyIn: 'Copy in…',
  copyOut: 'Copy out…',
  copyText:
    "One-off copies, for files that do not need to stay in sync. Files dropped on this page go to the home folder of the instance's user; files dropped on a shell go to its current folder.",
  mountLine: (name: string): string => `berth mount FOLDER ${name}`,
  transferLine: (name: string): string => `berth transfer FILE ${name}:`,
  copyStopped: 'Start the instance to copy files.',
} as const;
