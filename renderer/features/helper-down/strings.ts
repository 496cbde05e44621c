// SPDX-License-Identifier: MIT
import type { LinkState } from '#contract/desktop.ts';

type Reason = Extract<LinkState, { state: 'down' }>['reason'];

interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly commands: readonly { readonly why: string; readonly line: string }[];
}

const start = 'sudo systemctl enable --now berth-helper';
const log = { why: 'See why in its log:', line: 'journalctl -u berth-helper -n 50 --no-pager' };

export const helperDownStrings = {
  connecting: 'Connecting to the helper',
  connectingText: 'The helper is the root service that runs your instances.',
  retrying: 'Berth keeps trying by itself; this page goes away as soon as the helper answers.',
  socket: 'Socket',
  detail: 'Detail',
  lost: 'The helper does not answer. What you see is the last known state.',
  lostMore: 'Running instances go on. Berth keeps trying by itself.',
  reasons: {
    'no-socket': {
      title: 'The helper is not running',
      text: 'There is no socket where the helper listens. It is not started, or not installed.',
      commands: [{ why: 'Start it, now and with the computer:', line: start }, log],
    },
    'no-permission': {
      title: 'You may not use the helper',
      text: 'The helper runs, but its socket is for members of its group only, and you are not one of them yet.',
      commands: [{ why: 'Join the group, then log out and in again:', line: 'sudo usermod -aG berth "$USER"' }],
    },
    refused: {
      title: 'The helper does not accept connections',
      text: 'Its socket is there, but nothing listens on it. The helper has probably ended without tidying up.',
      commands: [{ why: 'Start it again:', line: 'sudo systemctl restart berth-helper' }, log],
    },
    'version-mismatch': {
      title: 'Window and helper are of different versions',
      text: 'They speak different versions of their protocol. Update the older one; a helper that was just updated needs a restart. Instances go on running.',
      commands: [{ why: 'Restart the helper after an update:', line: 'sudo systemctl restart berth-helper' }],
    },
    lost: {
      title: 'The connection to the helper was lost',
      text: 'The helper ended or was restarted. Running instances go on without it.',
      commands: [{ why: 'If it does not come back, start it:', line: start }, log],
    },
  } satisfies Readonly<Record<Reason, Explanation>>,
} as const;
