// SPDX-License-Identifier: MIT
import type { LinkState } from '#contract/desktop.ts';
import type { PlainTextId } from '#messages/en/index.ts';

type Reason = Extract<LinkState, { state: 'down' }>['reason'];

/** A command, and what it is for. */
interface WayOut {
  readonly why: PlainTextId;
  readonly line: string;
}

const start = 'sudo systemctl enable --now berth-helper';
const restart = 'sudo systemctl restart berth-helper';
const log: WayOut = { why: 'helper-down.show-log', line: 'journalctl -u berth-helper -n 50 --no-pager' };

/** What can be done where the helper is not reached, the likely one first. */
export const waysOut: Readonly<Record<Reason, readonly WayOut[]>> = {
  'no-socket': [{ why: 'helper-down.start', line: start }, log],
  'no-permission': [{ why: 'helper-down.join', line: 'sudo usermod -aG berth "$USER"' }],
  refused: [{ why: 'helper-down.start-again', line: restart }, log],
  'version-mismatch': [{ why: 'helper-down.restart', line: restart }],
  lost: [{ why: 'helper-down.start-lost', line: start }, log],
};
