// SPDX-License-Identifier: MIT
import type { LinkState } from '#contract/desktop.ts';

type Reason = Extract<LinkState, { state: 'down' }>['reason'];

interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly commands: readonly { readonly why: string; readonly line: string }[];
}

const start = 'sudo systemctl enable --now berth-helper';
const log = { why: 'Show its log:', line: 'journalctl -u berth-helper -n 50 --no-pager' };

export const helperDownStrings = {
  connecting: 'Connecting to the helper',
  connectingText: 'The helper is the root service that runs your instances.',
  retrying: 'Berth keeps trying to connect. This page closes as soon as the helper answers.',
  socket: 'Socket',
  detail: 'Detail',
  lost: 'The helper does not respond. You see the last known state.',
  lostMore: 'Running instances keep running. Berth keeps trying to connect.',
  reasons: {
    'no-socket': {
      title: 'The helper is not running',
      text: 'The helper’s socket does not exist. The helper is not started or not installed.',
      commands: [{ why: 'Start it now and at every boot:', line: start }, log],
    },
    'no-permission': {
      title: 'You do not have access to the helper',
      text: 'The helper is running, but only members of its group can use it, and you are not a member yet.',
      commands: [{ why: 'Join the group, then log out and in again:', line: 'sudo usermod -aG berth "$USER"' }],
    },
    refused: {
      title: 'The helper does not accept connections',
      text: 'Its socket exists, but nothing is listening on it. The helper has probably crashed.',
      commands: [{ why: 'Start it again:', line: 'sudo systemctl restart berth-helper' }, log],
    },
    'version-mismatch': {
      title: 'The window and the helper are different versions',
      text: 'They use different versions of their protocol. Update the older one. After an update, restart the helper; instances keep running.',
      commands: [{ why: 'Restart the helper after an update:', line: 'sudo systemctl restart berth-helper' }],
    },
    lost: {
      title: 'The connection to the helper was lost',
      text: 'The helper stopped or was restarted. Running instances keep running without it.',
      commands: [{ why: 'If it does not come back, start it:', line: start }, log],
    },
  } satisfies Readonly<Record<Reason, Explanation>>,
} as const;
