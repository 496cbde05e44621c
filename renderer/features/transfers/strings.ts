// SPDX-License-Identifier: MIT
import type { Transfer } from '#contract/transfers.ts';
import { countOf } from '../../lib/format.ts';

type Titled = Pick<Transfer, 'direction' | 'instance' | 'names'>;

const what = (names: readonly string[]): string => (names.length === 1 ? (names[0] ?? '') : `${names.length} items`);
const way = ({ direction, instance }: Titled): string => (direction === 'in' ? `to ${instance}` : `from ${instance}`);

export const transfersStrings = {
  region: 'Copies',
  running: (transfer: Titled): string => `Copying ${what(transfer.names)} ${way(transfer)}`,
  done: (transfer: Titled, files: number): string =>
    `Copied ${transfer.names.length === 1 ? what(transfer.names) : countOf(files, 'file', 'files')} ${way(transfer)}`,
  partly: (transfer: Titled, count: number): string =>
    `${count === 1 ? '1 item was' : `${count} items were`} not copied ${way(transfer)}`,
  failed: (transfer: Titled): string => `Could not copy ${what(transfer.names)} ${way(transfer)}`,
  cancelled: (transfer: Titled): string => `Stopped copying ${what(transfer.names)} ${way(transfer)}`,
  looking: 'Checking existing files…',
  ofFiles: (done: number, total: number): string => `${done} of ${total} files`,
  ofBytes: (done: string, total: string): string => `${done} of ${total}`,
  left: (duration: string): string => `${duration} left`,
  into: (folder: string): string => `into ${folder}`,
  wholeOnes: (count: number): string =>
    count === 0
      ? 'Nothing was copied.'
      : count === 1
        ? '1 file was copied completely and has been kept.'
        : `${count} files were copied completely and have been kept.`,
  skipped: (count: number): string => `${count} skipped`,
  failures: (count: number): string => (count === 1 ? 'Errors' : `Errors (${count})`),
  moreFailures: (count: number): string => `and ${count} more`,
  cancel: 'Cancel',
  dismiss: 'Dismiss',
  conflict: {
    title: (name: string): string => `${name} already exists`,
    text: (folder: string, where: string): string => `In ${folder} ${where}.`,
    inInstance: (name: string): string => `of ${name}`,
    here: 'on this computer',
    instances: (name: string): string => `In ${name}`,
    yours: 'Here',
    folder: 'Folder',
    changed: (moment: string): string => `changed ${moment}`,
    newer: 'newer',
    all: 'Do this for all remaining conflicts',
    stop: 'Stop copying',
    skip: 'Skip',
    keepBoth: 'Keep both',
    replace: 'Replace',
  },
  out: {
    title: (name: string): string => `Copy out of ${name}`,
    place: 'Folder in the instance',
    go: 'Open',
    up: 'Folder above',
    list: 'Contents of the folder',
    columns: { name: 'Name', size: 'Size', changed: 'Changed' },
    empty: 'This folder is empty.',
    onlyHidden: 'This folder has only hidden files.',
    showHidden: 'Show hidden files',
    unnamed: 'Its name is not valid UTF-8. Copy its folder to include it.',
    more: (count: number): string => `and ${count} more that are not shown`,
    help: 'Double-click to open a folder. Hold Ctrl to select several items.',
    folder: 'Folder on this computer',
    choose: 'Choose…',
    cancel: 'Cancel',
    copy: (count: number): string => (count <= 1 ? 'Copy' : `Copy ${count} items`),
  },
} as const;
