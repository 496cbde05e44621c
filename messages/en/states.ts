// SPDX-License-Identifier: MIT

/**
 * What an instance is, as a word in a sentence. In English it is the code: an older command line compares it.
 */
export const states = {
  'state.creating': 'creating',
  'state.starting': 'starting',
  'state.running': 'running',
  'state.stopping': 'stopping',
  'state.stopped': 'stopped',
  'state.restarting': 'restarting',
  'state.paused': 'paused',
  'state.deleted': 'deleted',
  'state.unknown': 'unknown',
  'state.broken': 'broken',
} as const;
