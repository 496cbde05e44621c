// SPDX-License-Identifier: MIT
import { Search } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { appRequest, errorDataOf } from '../../../api/client.ts';
import { openStream } from '../../../api/streams.ts';
import { shellWord } from '../../../lib/cli-line.ts';
import { droppedFiles } from '../../../lib/dropped-files.ts';
import { store } from '../../../store/index.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { createTerminalSession, type TerminalSession } from '../../../ui/terminal/terminal-session.ts';
import { FileDrop } from '../../../ui/FileDrop.tsx';
import { TerminalView } from '../../../ui/terminal/TerminalView.tsx';
import { changeFontSize, useFontSize } from '../font-size.ts';
import styles from '../TerminalPage.module.css';

/** A terminal on this computer, for berth and ssh. It ends with the page. */
export function TerminalTab({ instance }: { readonly instance: HostInstance }) {
  const key = keyOf(instance);
  const [attempt, setAttempt] = useState(0);
  const [session, setSession] = useState<TerminalSession | undefined>();
  const [ended, setEnded] = useState<{ readonly error?: HelperErrorData } | undefined>();
  const [isSearching, setSearching] = useState(false);
  const search = useCallback((open: boolean) => setSearching(open), []);
  useFontSize(session);
  useEffect(() => {
    setEnded(undefined);
    const opened = openLocal((error) => setEnded(error === undefined ? {} : { error }));
    setSession(opened);
    return () => opened.dispose();
  }, [key, attempt]);
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        <span className={styles.status}>{say('terminal.text')}</span>
        <IconButton label={say('common.find')} icon={<Search />} onPress={() => setSearching(!isSearching)} />
      </div>
      {session === undefined ? null : (
        <FileDrop
          className={styles.drop}
          hint={say('terminal.drop')}
          onDrop={(transfer) => session.terminal.paste(`${pathsOf(transfer).map(shellWord).join(' ')} `)}
        >
          <TerminalView
            session={session}
            label={say('terminal.label')}
            testId="local-terminal"
            isSearching={isSearching}
            onSearchChange={search}
            onFontSize={changeFontSize}
            overlay={
              ended === undefined ? undefined : (
                <div className={styles.message} role="status">
                  <p>{ended.error === undefined ? say('terminal.ended') : describeError(ended.error).message}</p>
                  <Button size="small" onPress={() => setAttempt(attempt + 1)}>
                    {say('terminal.again')}
                  </Button>
                </div>
              )
            }
          />
        </FileDrop>
      )}
    </div>
  );
}

/** As any terminal does: what is dropped on it is written as words for its shell. */
function pathsOf(transfer: DataTransfer): readonly string[] {
  const { folders, files } = droppedFiles(transfer, (file) => window.berth.pathOf(file));
  return [...folders, ...files];
}

function openLocal(onEnd: (error?: HelperErrorData) => void): TerminalSession {
  let id: string | undefined;
  let isDisposed = false;
  const resize = (size: { columns: number; rows: number }): void => {
    // A terminal that ended meanwhile needs no size.
    if (id !== undefined) appRequest('app.resize-local-terminal', { session: id, ...size }).catch(() => undefined);
  };
  const session = createTerminalSession({ fontSize: store.getState().terminalFontSize, onResize: resize });
  const start = async (): Promise<void> => {
    // One turn later the view has put the terminal on the page and given it its size.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (isDisposed) return;
    const size = session.fit() ?? { columns: 80, rows: 24 };
    const opened = await appRequest('app.open-local-terminal', size);
    const stream = await openStream(opened.terminal);
    if (isDisposed) return stream.close();
    id = opened.session;
    session.connect(stream, { onEnd: () => onEnd() });
    const now = session.fit();
    if (now !== undefined) resize(now);
    session.terminal.focus();
  };
  start().catch((error: unknown) => onEnd(errorDataOf(error)));
  return {
    ...session,
    dispose() {
      isDisposed = true;
      session.dispose();
    },
  };
}
