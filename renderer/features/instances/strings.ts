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
  otherUser: 'another user’s',
  sharesUp: (count: number): string => (count === 1 ? '1 shared folder' : `${count} shared folders`),
  sharesWaiting: (count: number): string =>
    count === 1 ? '1 folder will be shared when it runs' : `${count} folders will be shared when it runs`,
  sharesDown: (down: number, count: number): string =>
    `${down} of ${countOf(count, 'shared folder', 'shared folders')} ${down === 1 ? 'is' : 'are'} not available`,
  noMatch: (search: string): string => `No instances match “${search}”`,
  clearSearch: 'Clear search',
  selected: (count: number): string => `${count} selected`,
  clearSelection: 'Clear selection',
  emptyTitle: 'No instances yet',
  emptyText:
    'An instance is a virtual machine. Launch one and watch it boot: a moment later it has a shell, a serial console and an address.',
  emptyImages: 'Ready to launch:',
  deleted: 'Recently deleted',
  deletedAgo: (ago: string): string => `deleted ${ago}`,
  purgeTitle: (name: string): string => `Permanently delete ${name}?`,
  purgeText: 'Its disk and console record will be erased. This cannot be undone.',
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
