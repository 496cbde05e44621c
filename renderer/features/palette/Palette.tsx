// SPDX-License-Identifier: MIT
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import { launchAddress } from '../../lib/addresses.ts';
import { unknownLink } from '../../store/links.ts';
import { setView, useBerth } from '../../store/index.ts';
import { isConnected } from '../../store/selectors.ts';
import { matchEntries, paletteEntries, type PaletteEntry } from './palette-entries.ts';
import styles from './Palette.module.css';

/** Ctrl+K: every action on every instance, by typing. Also holds the window's other global keys. */
export function Palette() {
  const host = useHost();
  const isOpen = useBerth((state) => state.isPaletteOpen);
  const [, navigate] = useLocation();
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      if (!event.ctrlKey || event.altKey || event.shiftKey) return;
      const isInTerminal = event.target instanceof Element && event.target.closest('.xterm') !== null;
      if (event.key === 'k') setView({ isPaletteOpen: true });
      else if (event.key === 'n' && !isInTerminal) navigate(launchAddress(host));
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [navigate, host]);
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => setView({ isPaletteOpen: open })}
      isDismissable
      className={styles.overlay!}
    >
      <Modal className={styles.modal!}>
        <Dialog className={styles.dialog!} aria-label={say('palette.label')} data-testid="palette">
          <PaletteBody />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function PaletteBody() {
  const host = useHost();
  const instances = useBerth((state) => state.instances);
  const links = useBerth((state) => state.links);
  const [, navigate] = useLocation();
  const [search, setSearch] = useState('');
  const [position, setPosition] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const entries = useMemo(
    () =>
      paletteEntries(
        host,
        Object.values(instances).filter((instance) => isConnected(links[instance.host] ?? unknownLink)),
        navigate,
      ),
    [host, instances, navigate, links],
  );
  const found = useMemo(() => matchEntries(entries, search), [entries, search]);
  const current = Math.min(position, found.length - 1);
  useEffect(() => {
    // Newer Chromium gives back a promise here, hence the braces: it is no clean-up.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const run = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    setView({ isPaletteOpen: false });
    entry.run();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setPosition(found.length === 0 ? 0 : (current + 1) % found.length);
    else if (event.key === 'ArrowUp') setPosition(found.length === 0 ? 0 : (current - 1 + found.length) % found.length);
    else if (event.key === 'Enter') run(found[current]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className={styles.search}>
        <Search size={16} aria-hidden="true" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[current] === undefined ? undefined : `palette-${found[current].id}`}
          aria-label={say('palette.label')}
          value={search}
          placeholder={say('palette.placeholder')}
          spellCheck={false}
          onKeyDown={press}
          onChange={(event) => {
            setSearch(event.target.value);
            setPosition(0);
          }}
        />
      </div>
      <ul ref={list} id="palette-list" role="listbox" aria-label={say('palette.label')} className={styles.list}>
        {found.map((entry, index) => (
          <li
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            aria-selected={index === current}
            className={styles.entry}
            onClick={() => run(entry)}
            onPointerMove={() => setPosition(index)}
          >
            <span>{entry.label}</span>
            <code>{entry.line}</code>
          </li>
        ))}
      </ul>
      {found.length === 0 ? (
        <p className={styles.none} role="status">
          {say('palette.none')}
        </p>
      ) : null}
    </>
  );
}
