// SPDX-License-Identifier: MIT
import { countOf } from '../../lib/format.ts';

export const dropStrings = {
  drop: (name: string): string => `Drop on ${name}`,
  liveNote: (folder: string | undefined): string =>
    `Folders are shared with it, files are copied ${folder === undefined ? 'to its home' : `to ${folder}`}`,
  laterNote: 'Folders are shared with it from its next start on',
  copy: (count: number, name: string): string => `Copy ${countOf(count, 'file', 'files')} to ${name}`,
  into: (folder: string | undefined): string =>
    folder === undefined ? 'Into the home of its user' : `Into ${folder}, where this shell is`,
  shareParent: (count: number): string => (count === 1 ? 'Share the folder it is in' : 'Share the folder they are in'),
  shareParentNote: (name: string): string => `with ${name}`,
  shareParentLater: 'from its next start on',
  notRunning: (name: string): string => `${name} does not run: files can be copied once it does`,
  notConnected: 'The helper is not connected: nothing can be shared or copied now',
  notOwn: (name: string): string => `${name} belongs to another user`,
  deleted: (name: string): string => `${name} is deleted`,
  broken: (name: string): string => `${name} is broken: its record cannot be read`,
  elsewhere: 'Drop it on an instance: a folder is shared with it, a file is copied in',
  tooMany: (most: number): string => `More than ${most} files at once: drop their folder and choose to copy it`,
  withoutPath: 'That lies nowhere on this computer. Save it first, then drop the file.',
} as const;

export const shareStrings = {
  title: (count: number, name: string): string =>
    count === 1 ? `Share a folder with ${name}` : `Share ${count} folders with ${name}`,
  source: 'Folder on this computer',
  target: 'Folder in the instance',
  targetOf: (source: string): string => `Folder in the instance for ${source}`,
  targetNote: "Without a / at the beginning it lies below the home of the instance's user.",
  later: (name: string): string => `${name} does not run`,
  laterText: 'What you share is noted with it, and is there from its next start on.',
  access: 'The instance',
  accesses: { rw: 'Reads and writes', ro: 'Only reads' },
  more: 'More options',
  owners: 'Owners',
  ownersKinds: { user: "As the instance's user", numbers: 'By number' },
  ownersNote: "Your files are those of the instance's user, and the other way round.",
  users: 'Users',
  groups: 'Groups',
  numbersHint: '1000:1000',
  numbersNote:
    'Numbers here and there, HOST:GUEST; several with blanks between. All others stay as they are and cannot be changed.',
  numbersError: 'Pairs of numbers, HOST:GUEST, with blanks between',
  type: 'How it gets there',
  types: { auto: 'Automatic', virtiofs: 'virtiofs', sshfs: 'sshfs', '9p': '9p' },
  notify: 'Changes made here',
  notifies: { off: 'Are found by looking', on: 'Are told to the instance' },
  notifyNote: 'For programs in the instance that watch the folder, such as a development server.',
  missing: 'Name a folder',
  twice: 'Another one goes there',
  cancel: 'Cancel',
  copyInstead: 'Copy instead',
  copyInsteadHint: 'Copies what is in there now. Later changes stay on their side.',
  share: 'Share',
  sharing: 'Sharing…',
  done: (target: string, name: string): string => `${target} is in ${name}`,
  doneLater: (target: string, name: string): string => `${target} will be in ${name}`,
} as const;
