// SPDX-License-Identifier: MIT
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { HelperErrorData } from '#contract/errors.ts';
import type { SessionId } from '#contract/guest.ts';
import { errorDataOf, request } from '../../../api/client.ts';
import { openStream } from '../../../api/streams.ts';
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
const shells = createStore<Readonly<Record<string, readonly Shell[]>>>()(() => ({}));
const none: readonly Shell[] = [];

export function useShells(name: string): readonly Shell[] {
  return useStore(shells, (state) => state[name] ?? none);
}

/** Opens one more shell and returns its number. */
export function openShell(name: string): number {
  const all = shells.getState()[name] ?? none;
  const number = Math.max(0, ...all.map((shell) => shell.number)) + 1;
  const session = createTerminalSession({
    fontSize: store.getState().terminalFontSize,
    onResize(size) {
      const shell = find(name, number);
      // A session that ended meanwhile needs no size.
      if (shell?.id !== undefined) request('session.resize', { session: shell.id, size }).catch(() => undefined);
    },
  });
  shells.setState({ [name]: [...all, { number, session, state: 'waiting' }] });
  void connectShell(name, number);
  return number;
}

export function closeShell(name: string, number: number): void {
  find(name, number)?.session.dispose();
  shells.setState((state) => ({ [name]: (state[name] ?? none).filter((shell) => shell.number !== number) }));
}

/** Connects a shell that waits or failed; without a running instance it goes on waiting. */
export async function connectShell(name: string, number: number): Promise<void> {
  const shell = find(name, number);
  if (shell === undefined || shell.state === 'opening' || shell.state === 'open') return;
  if (store.getState().instances[name]?.state !== 'running') return change(name, number, { state: 'waiting' });
  change(name, number, { state: 'opening' });
  try {
    const size = shell.session.fit() ?? { columns: shell.session.terminal.cols, rows: shell.session.terminal.rows };
    const opened = await request('shell.open', { name, size });
    const stream = await openStream(opened.terminal);
    if (find(name, number) === undefined) return stream.close();
    change(name, number, { state: 'open', id: opened.session });
    const ended = request('session.wait', { session: opened.session }).then(
      (end) => end.exitCode,
      () => undefined,
    );
    shell.session.connect(stream, { onEnd: () => void ended.then((exitCode) => finish(name, number, exitCode)) });
    const now = shell.session.fit();
    if (now !== undefined) request('session.resize', { session: opened.session, size: now }).catch(() => undefined);
    shell.session.terminal.focus();
  } catch (error) {
    change(name, number, { state: 'failed', error: errorDataOf(error) });
  }
}

/** Connects again what waits for an instance that runs now. */
store.subscribe((state, before) => {
  if (state.instances === before.instances) return;
  for (const [name, all] of Object.entries(shells.getState())) {
    if (state.instances[name]?.state !== 'running' || before.instances[name]?.state === 'running') continue;
    for (const shell of all)
      if (shell.state === 'waiting' || shell.state === 'failed') void connectShell(name, shell.number);
  }
});

/** A shell that the user ended closes; one that the instance took down waits for it. */
function finish(name: string, number: number, exitCode: number | undefined): void {
  const { instances, link } = store.getState();
  const goesOn = instances[name]?.state === 'running' && link.state === 'connected';
  if (goesOn && exitCode !== undefined) return closeShell(name, number);
  find(name, number)?.session.terminal.write('\r\n');
  change(name, number, { state: 'waiting' });
}

function find(name: string, number: number): Shell | undefined {
  return shells.getState()[name]?.find((shell) => shell.number === number);
}

function change(name: string, number: number, part: Partial<Shell>): void {
  shells.setState((state) => ({
    [name]: (state[name] ?? none).map((shell) => (shell.number === number ? { ...shell, ...part } : shell)),
  }));
}
