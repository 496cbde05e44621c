// SPDX-License-Identifier: MIT

export const shareStrings = {
  dropHere: (name: string): string => `Share with ${name}`,
  dropLater: (name: string): string => `Share with ${name} from its next start on`,
  notOwn: (name: string): string => `${name} belongs to another user`,
  deleted: (name: string): string => `${name} is deleted`,
  noFolders: 'Only folders can be shared. Drop the folder that the file is in.',
  title: (name: string): string => `Share with ${name}`,
  source: 'Folder on this computer',
  target: 'Folder in the instance',
  targetNote: 'Without a / at the beginning it lies below the home of the instance\'s user.',
  readOnly: 'The instance',
  access: { rw: 'Reads and writes', ro: 'Only reads' },
  owners: 'Owners (optional)',
  ownersHint: '1000:1000',
  ownersNote: 'Your files are those of the instance\'s user. To say it otherwise: user numbers here and there, HOST:GUEST.',
  ownersError: 'Pairs of numbers, HOST:GUEST, with blanks between',
  again: (index: number, count: number): string => `${index} of ${count}`,
  cancel: 'Cancel',
  share: 'Share',
  sharing: 'Sharing…',
} as const;
