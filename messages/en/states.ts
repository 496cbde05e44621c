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
  'state.suspended': 'suspended',
  'state.deleted': 'deleted',
  'state.unknown': 'unknown',
  'state.broken': 'broken',
  'pause.no-space': 'no space left on this computer',
  'pause.disk-failed': 'its disk cannot be read or written',
  'pause.other': 'QEMU stopped it',
  'pause.asked': 'on request',
  'pause.no-space.way-out':
    'Free some disk space where instances are stored. It then continues within half a minute, or at once if you start it.',
  'pause.disk-failed.way-out':
    'Repair the disk that instances are stored on, then start the instance: it continues where it was.',
  'pause.other.way-out': "Start it to continue where it was. The instance's log may show the reason.",
  'pause.asked.way-out': 'Resume it to continue where it was.',
} as const;
