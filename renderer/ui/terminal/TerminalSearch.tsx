// SPDX-License-Identifier: MIT
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { say } from '#messages/say.ts';
import { IconButton } from '../Button.tsx';
import { SearchField } from '../SearchField.tsx';
import type { TerminalSession } from './terminal-session.ts';
import styles from './TerminalSearch.module.css';

const decorations = {
  matchBackground: '#7a5a00',
  activeMatchBackground: '#c27a00',
  matchOverviewRuler: '#c27a00',
  activeMatchColorOverviewRuler: '#c27a00',
};

/** Finds text in a terminal: Enter goes up to older matches, Shift+Enter down, Escape closes. */
export function TerminalSearch({
  session,
  onClose,
}: {
  readonly session: TerminalSession;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [result, setResult] = useState<string>('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    const subscription = session.search.onDidChangeResults(({ resultIndex, resultCount }) =>
      setResult(
        resultCount === 0 ? say('find.no-match') : say('find.matches', { index: resultIndex + 1, count: resultCount }),
      ),
    );
    return () => subscription.dispose();
  }, [session]);
  const change = (next: string): void => {
    setText(next);
    if (next === '') {
      session.search.clearDecorations();
      setResult('');
    } else session.search.findPrevious(next, { decorations, incremental: true });
  };
  const up = (): void => void session.search.findPrevious(text, { decorations });
  const down = (): void => void session.search.findNext(text, { decorations });
  return (
    <div
      className={styles.bar}
      role="search"
      onKeyDownCapture={(event) => {
        if (event.key === 'Escape') onClose();
        else if (event.key === 'Enter') (event.shiftKey ? down : up)();
      }}
    >
      <SearchField
        label={say('find.search')}
        value={text}
        onChange={change}
        placeholder={say('find.search')}
        inputRef={input}
      />
      <span className={styles.result} role="status">
        {result}
      </span>
      <IconButton label={say('find.older')} icon={<ChevronUp />} onPress={up} isDisabled={text === ''} />
      <IconButton label={say('find.newer')} icon={<ChevronDown />} onPress={down} isDisabled={text === ''} />
      <IconButton label={say('find.close-search')} icon={<X />} onPress={onClose} />
    </div>
  );
}
