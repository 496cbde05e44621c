// SPDX-License-Identifier: MIT

export const transfers = {
  'transfers.region': 'Copies',
  'transfers.running-in': '{count, plural, =1 {Copying {name} to {instance}} other {Copying # items to {instance}}}',
  'transfers.running-out':
    '{count, plural, =1 {Copying {name} from {instance}} other {Copying # items from {instance}}}',
  'transfers.done-in':
    '{count, plural, =1 {Copied {name} to {instance}} other {Copied {files, plural, one {# file} other {# files}} to {instance}}}',
  'transfers.done-out':
    '{count, plural, =1 {Copied {name} from {instance}} other {Copied {files, plural, one {# file} other {# files}} from {instance}}}',
  'transfers.partly-in': '{count, plural, one {# item was} other {# items were}} not copied to {instance}',
  'transfers.partly-out': '{count, plural, one {# item was} other {# items were}} not copied from {instance}',
  'transfers.failed-in':
    '{count, plural, =1 {Could not copy {name} to {instance}} other {Could not copy # items to {instance}}}',
  'transfers.failed-out':
    '{count, plural, =1 {Could not copy {name} from {instance}} other {Could not copy # items from {instance}}}',
  'transfers.cancelled-in':
    '{count, plural, =1 {Stopped copying {name} to {instance}} other {Stopped copying # items to {instance}}}',
  'transfers.cancelled-out':
    '{count, plural, =1 {Stopped copying {name} from {instance}} other {Stopped copying # items from {instance}}}',
  'transfers.of-files': '{done} of {total} files',
  'transfers.into': 'into {folder}',
  'transfers.whole-ones':
    '{count, plural, =0 {Nothing was copied.} one {# file was copied completely and has been kept.} other {# files were copied completely and have been kept.}}',
  'transfers.failures': '{count, plural, =1 {Errors} other {Errors (#)}}',
  'transfers.conflict-title': '{name} already exists',
  'transfers.conflict-text-in': 'In {folder} of {instance}.',
  'transfers.conflict-text-out': 'In {folder} on this computer.',
  'transfers.conflict-instances': 'In {name}',
  'transfers.conflict-yours': 'Here',
  'transfers.conflict-folder': 'Folder',
  'transfers.conflict-changed': 'changed {moment}',
  'transfers.conflict-newer': 'newer',
  'transfers.conflict-all': 'Do this for all remaining conflicts',
  'transfers.conflict-stop': 'Stop copying',
  'transfers.conflict-skip': 'Skip',
  'transfers.conflict-keep-both': 'Keep both',
  'transfers.conflict-replace': 'Replace',
  'transfers.out-title': 'Copy out of {name}',
  'transfers.out-place': 'Folder in the instance',
  'transfers.out-go': 'Open',
  'transfers.out-up': 'Folder above',
  'transfers.out-list': 'Contents of the folder',
  'transfers.out-column-name': 'Name',
  'transfers.out-column-size': 'Size',
  'transfers.out-column-changed': 'Changed',
  'transfers.out-empty': 'This folder is empty.',
  'transfers.out-only-hidden': 'This folder has only hidden files.',
  'transfers.out-show-hidden': 'Show hidden files',
  'transfers.out-unnamed': 'Its name is not valid UTF-8. Copy its folder to include it.',
  'transfers.out-more': 'and {count} more that are not shown',
  'transfers.out-help': 'Double-click to open a folder. Hold Ctrl to select several items.',
  'transfers.out-folder': 'Folder on this computer',
  'transfers.out-copy': '{count, plural, =0 {Copy} =1 {Copy} other {Copy # items}}',
} as const satisfies Readonly<Record<string, string>>;
