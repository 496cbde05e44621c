// SPDX-License-Identifier: MIT

export const instanceStrings = {
  back: 'Instances',
  tabsLabel: 'Parts of the instance',
  gone: (name: string): string => `There is no instance named ${name}`,
  goneText: 'It was permanently deleted or never existed.',
  coming: (name: string): string => `Launching ${name}`,
  comingText:
    'The instance boots when its image is ready. You can leave this page: the download continues, and other launches of the same image use it too.',
  toList: 'All instances',
  launchFailed: (name: string): string => `Could not launch ${name}`,
  launchFailedText: 'Everything made for it was removed.',
  launchCancelledText: 'The launch was cancelled, and everything made for it was removed.',
  launchAgain: 'Launch again',
  moreActions: 'More actions',
  cancel: 'Cancel',
  copyAddress: 'Copy address',
  failedAt: (phase: string): string => `Failed at: ${phase}`,
  failed: 'The last operation failed',
} as const;
