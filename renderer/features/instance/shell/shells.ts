// SPDX-License-Identifier: MIT
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { HelperErrorData } from '#contract/errors.ts';
import type { SessionId } from '#contract/guest.ts';
import { partsOf, type InstanceKey } from '#contract/host-keys.ts';
import { errorDataOf, request } from '../../../api/client.ts';
import { openStream } from '../../../api/streams.ts';
import { hostPart } from '../../../store/host-part.ts';
import { store } from '../../../store/index.ts';
import { createTerminalSession, type TerminalSession } from '../../../ui/terminal/terminal-session.ts';

export interface Shell {
  readonly number: number;
  readonly session: TerminalSession;
  /** `waiting`: the instance went away; the shell opens again when it is back. */
  readonly state: 'opening' | 'open' | 'waiting' | 'failed';
  readonly error?: HelperErrorData;
  readonly id?: SessionId;
}

/** Shells by instance. They outlive the page: another screen may be open while one runs. */
const shells = createStore<Readonly<Record<InstanceKey, readonly Shell[]>>>()(() => ({}));
const none: readonly Shell[] = [];

export function useShells(key: InstanceKey): readonly Shell[] {
  return useStore(shells, (state) => state[key] ?? none);
}

/** Opens one more shell and returns its number. */
export function openShell(key: InstanceKey): number {
  const { host } = partsOf(key);
  const all = shells.getState()[key] ?? none;
  const number = Math.max(0, ...all.map((shell) => shell.number)) + 1;
  const session = createTerminalSession({
    fontSize: store.getState().terminalFontSize,
    onResize(size) {
      const shell = find(key, number);
      // A session that ended meanwhile needs no size.
      if (shell?.id !== undefined) request(host, 'session.resize', { session: shell.id, size }).catch(() => undefined);
    },
  });
  shells.setState({ [key]: [...all, { number, session, state: 'waiting' }] });
  void connectShell(key, number);
  return number;
}

export function closeShell(key: InstanceKey, number: number): void {
  find(key, number)?.session.dispose();
  shells.setState((state) => ({ [key]: (state[key] ?? none).filter((shell) => shell.number !== number) }));
}

/** Connects a shell that waits or failed; without a running instance it goes on waiting. */
export async function connectShell(key: InstanceKey, number: number): Promise<void> {
  const shell = find(key, number);
  if (shell === undefined || shell.state === 'opening' || shell.state === 'open') return;
  if (store.getState().instances[key]?.state !== 'running') return change(key, number, { state: 'waiting' });
  change(key, number, { state: 'opening' });
  const { host, name } = partsOf(key);
  try {
    const size = shell.session.fit() ?? { columns: shell.session.terminal.cols, rows: shell.session.terminal.rows };
    const opened = await request(host, 'shell.open', { name, size });
    const stream = await openStream(opened.terminal, host);
    if (find(key, number) === undefined) return stream.close();
    change(key, number, { state: 'open', id: opened.session });
    const ended = request(host, 'session.wait', { session: opened.session }).then(
      (end) => end.exitCode,
      () => undefined,
    );
    shell.session.connect(stream, { onEnd: () => void ended.then((exitCode) => finish(key, number, exitCode)) });
    const now = shell.session.fit();
    if (now !== undefined)
      request(host, 'session.resize', { session: opened.session, size: now }).catch(() => undefined);
    shell.session.terminal.focus();
  } catch (error) {
    change(key, number, { state: 'failed', error: errorDataOf(error) });
  }
}

/** Connects again what waits for an instance that runs now. */
store.subscribe((state, before) => {
  if (state.instances === before.instances) return;
  for (const [of, all] of Object.entries(shells.getState())) {
    const key = of as InstanceKey;
    if (state.instances[key]?.state !== 'running' || before.instances[key]?.state === 'running') continue;
    for (const shell of all)
      if (shell.state === 'waiting' || shell.state === 'failed') void connectShell(key, shell.number);
  }
});

/** A shell that the user ended closes; one that the instance took down waits for it. */
function finish(key: InstanceKey, number: number, exitCode: number | undefined): void {
  const state = store.getState();
  const { link } = hostPart(state, partsOf(key).host);
  const goesOn = state.instances[key]?.state === 'running' && link.state === 'connected';
  if (goesOn && exitCode !== undefined) return closeShell(key, number);
  find(key, number)?.session.terminal.write('\r\n');
  change(key, number, { state: 'waiting' });
}

function find(key: InstanceKey, number: number): Shell | undefined {
  return shells.getState()[key]?.find((shell) => shell.number === number);
}

function change(key: InstanceKey, number: number, part: Partial<Shell>): void {
  shells.setState((state) => ({
    [key]: (state[key] ?? none).map((shell) => (shell.number === number ? { ...shell, ...part } : shell)),
  }));
}
