// SPDX-License-Identifier: MIT

export const activity = {
  'activity.empty': 'Nothing has happened yet',
  'activity.empty-text': 'Launches, starts, stops, image builds and copies appear here while they run and afterwards.',
  'activity.past-return': 'This can no longer be cancelled. It will finish soon.',
  'activity.causes': 'Causes',
  'activity.state-running': 'Running',
  'activity.state-succeeded': 'Done',
  'activity.state-failed': 'Failed',
  'activity.state-cancelled': 'Cancelled',
  'activity.operation': '{operation} <link>{target}</link>',
  'activity.copy-in':
    '{count, plural, =1 {Copy {name} to <link>{instance}</link>} other {Copy # items to <link>{instance}</link>}}',
  'activity.copy-out':
    '{count, plural, =1 {Copy {name} from <link>{instance}</link>} other {Copy # items from <link>{instance}</link>}}',
  'activity.copying': 'Copying',
  'activity.asking': 'Waiting for your answer',
  'activity.not-copied': '{count, plural, one {# item was} other {# items were}} not copied',
  'activity.into': '{count, plural, one {# file} other {# files}} into {folder}',
} as const satisfies Readonly<Record<string, string>>;
