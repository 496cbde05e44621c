// SPDX-License-Identifier: MIT
import { useEffect, useRef, useState } from 'react';
import { instanceKey, type HostInstance } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { say } from '#messages/say.ts';
import { hostPart } from '../../../store/host-part.ts';
import type { ConsoleBoot } from '#contract/console.ts';
import { request } from '../../../api/client.ts';
import { openStream } from '../../../api/streams.ts';
import { store, useBerth } from '../../../store/index.ts';
import { isConnected } from '../../../store/selectors.ts';
import { createTerminalSession, type TerminalSession } from '../../../ui/terminal/terminal-session.ts';

export interface ConsoleState {
  readonly session: TerminalSession | undefined;
  readonly boots: readonly ConsoleBoot[];
  readonly boot: ConsoleBoot | undefined;
  readonly isLive: boolean;
  readonly isEmpty: boolean;
  readonly hasAnswer: boolean;
}

/** What is on the terminal: which boot, how far, and whether its stream is open. */
interface Shown {
  boot: number | undefined;
  offset: number;
  isOpen: boolean;
}

/**
 * The record of a boot, then what follows live. Without a chosen boot it follows the newest: a
 * restart goes on below a separator. A stream that broke is opened again where it was.
 */
export function useConsole(instance: HostInstance, chosen: number | undefined): ConsoleState {
  const { host, name } = instance;
  const [session, setSession] = useState<TerminalSession | undefined>();
  const [state, setState] = useState<Omit<ConsoleState, 'session'>>({
    boots: [],
    boot: undefined,
    isLive: false,
    isEmpty: true,
    hasAnswer: false,
  });
  const [attempt, setAttempt] = useState(0);
  const shown = useRef<Shown>({ boot: undefined, offset: 0, isOpen: false });
  const liveBoot = useBerth((current) => current.phases[instanceKey(host, name)]?.boot);
  const connected = useBerth((current) => isConnected(hostPart(current, host)));

  useEffect(() => {
    const created = createTerminalSession({
      fontSize: store.getState().terminalFontSize,
      isReadOnly: true,
      scrollback: 50_000,
    });
    shown.current = { boot: undefined, offset: 0, isOpen: false };
    setSession(created);
    return () => created.dispose();
  }, [host, name]);

  useEffect(() => {
    if (session === undefined || !connected) return undefined;
    let isCurrent = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      retry = setTimeout(() => setAttempt((count) => count + 1), 1000);
    };
    void follow({
      session,
      host,
      name,
      chosen,
      shown: shown.current,
      isCurrent: () => isCurrent,
      report: (part) => setState((before) => ({ ...before, ...part })),
      again,
    });
    return () => {
      isCurrent = false;
      clearTimeout(retry);
    };
  }, [session, host, name, chosen, connected, instance.state, instance.startedAt, liveBoot, attempt]);

  return { session, ...state };
}

interface Following {
  readonly session: TerminalSession;
  readonly host: HostId;
  readonly name: string;
  readonly chosen: number | undefined;
  readonly shown: Shown;
  readonly isCurrent: () => boolean;
  readonly report: (part: Partial<Omit<ConsoleState, 'session'>>) => void;
  readonly again: () => void;
}

async function follow(following: Following): Promise<void> {
  const { session, host, name, chosen, shown, isCurrent, report, again } = following;
  try {
    const boots = await request(host, 'console.boots', { name });
    if (!isCurrent()) return;
    const boot =
      chosen === undefined
        ? boots.reduce<ConsoleBoot | undefined>(later, undefined)
        : boots.find((each) => each.number === chosen);
    report({ boots, boot, hasAnswer: true });
    if (boot === undefined || (shown.boot === boot.number && shown.isOpen)) return;
    begin(session, shown, boot, chosen === undefined);
    await connect(following, boot);
  } catch {
    // The banner of the lost helper says why; the record is asked for again until it comes.
    if (isCurrent()) again();
  }
}

const later = (newest: ConsoleBoot | undefined, boot: ConsoleBoot): ConsoleBoot =>
  newest === undefined || boot.number > newest.number ? boot : newest;

/** Makes room for another boot: below a separator when following, on a clean terminal otherwise. */
function begin(session: TerminalSession, shown: Shown, boot: ConsoleBoot, isFollowing: boolean): void {
  if (shown.boot === boot.number) return;
  session.disconnect();
  if (isFollowing && shown.boot !== undefined)
    session.terminal.write(`\x1b[0m\r\n\x1b[2m── ${say('console.separator', { number: boot.number })} ──\x1b[0m\r\n`);
  else if (shown.boot !== undefined) {
    session.terminal.reset();
    session.times.clear();
  }
  shown.boot = boot.number;
  shown.offset = boot.firstOffset;
}

async function connect(
  { session, host, name, shown, isCurrent, report, again }: Following,
  boot: ConsoleBoot,
): Promise<void> {
  const marks = await request(host, 'console.marks', { name, boot: boot.number });
  const opened = await request(host, 'console.open', { name, boot: boot.number, fromOffset: shown.offset });
  const stream = await openStream(opened.token, host);
  if (!isCurrent()) return stream.close();
  shown.isOpen = true;
  session.setReadOnly(!opened.isLive);
  report({
    isLive: opened.isLive,
    isEmpty: opened.boot.endOffset <= opened.fromOffset && shown.offset === boot.firstOffset,
  });
  session.connect(stream, {
    offset: opened.fromOffset,
    marks,
    liveFrom: opened.boot.endOffset,
    onProgress(offset) {
      shown.offset = offset;
      report({ isEmpty: false });
    },
    onEnd() {
      session.setReadOnly(true);
      shown.isOpen = !opened.isLive;
      report({ isLive: false });
      if (opened.isLive) again();
    },
  });
}
