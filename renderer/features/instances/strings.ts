// SPDX-License-Identifier: MIT
import { countOf } from '../../lib/format.ts';

export const instancesStrings = {
  title: 'Instances',
  launch: 'Launch',
  search: 'Search instances',
  searchHint: 'Search  /',
  columns: {
    name: 'Name',
    state: 'State',
    image: 'Image',
    address: 'Address',
    resources: 'CPUs, memory, disk',
    status: 'Activity',
    actions: 'Actions',
  },
  selectAll: 'Select all',
  select: (name: string): string => `Select ${name}`,
  copyAddress: 'Copy address',
  more: (name: string): string => `Actions for ${name}`,
  up: (duration: string): string => `up ${duration}`,
  paused: (reason: string): string => `paused: ${reason}`,
  otherUser: 'of another user',
  sharesUp: (count: number): string => (count === 1 ? 'One folder is shared' : `${count} folders are shared`),
  sharesWaiting: (count: number): string =>
    count === 1 ? 'One folder is shared once it runs' : `${count} folders are shared once it runs`,
  sharesDown: (down: number, count: number): string =>
    `${down} of ${countOf(count, 'shared folder', 'shared folders')} ${down === 1 ? 'is' : 'are'} not there`,
  noMatch: (search: string): string => `Nothing matches “${search}”`,
  clearSearch: 'Clear search',
  selected: (count: number): string => `${count} selected`,
  clearSelection: 'Clear selection',
  emptyTitle: 'No instances yet',
  emptyText:
    'An instance is a virtual machine of yours. Launch one and watch it boot; a moment later it has a shell, a serial console and an address.',
  emptyImages: 'Ready to launch:',
  deleted: 'Recently deleted',
  deletedAgo: (ago: string): string => `deleted ${ago}`,
  purgeTitle: (name: string): string => `Delete ${name} for good?`,
  purgeText: 'Its disk and its console record are erased. This cannot be undone.',
  cancel: 'Cancel',
  actions: {
    open: 'Open',
    console: 'Console',
    shell: 'Shell',
    share: 'Share a folder…',
    copyIn: 'Copy files in…',
    cancel: 'Cancel operation',
  },
} as const;
