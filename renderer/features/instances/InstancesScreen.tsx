// SPDX-License-Identifier: MIT
import { Plus } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import { launchAddress } from '../../lib/addresses.ts';
import { setView, useBerth } from '../../store/index.ts';
import { selectDeleted, selectVisible } from '../../store/selectors.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { BulkActions } from './BulkActions.tsx';
import { DeletedInstances } from './DeletedInstances.tsx';
import { FirstLaunch } from './FirstLaunch.tsx';
import { InstanceTable } from './InstanceTable.tsx';
import { TagFilter } from './TagFilter.tsx';
import { PurgeDialog } from './PurgeDialog.tsx';
import styles from './InstancesScreen.module.css';

/** All instances. `welcome` stands below the invitation while there is none. */
export function InstancesScreen({ welcome }: { readonly welcome: ReactNode }) {
  const host = useHost();
  // Five hundred rows may come a moment after the key that asked for them, but the key shows at once.
  const visible = useDeferredValue(useBerth(selectVisible));
  const deleted = useBerth(selectDeleted);
  const hasAny = useBerth((state) => Object.values(state.instances).some((instance) => instance.state !== 'deleted'));
  const search = useBerth((state) => state.search);
  const selected = useBerth((state) => state.selected);
  const searchInput = useRef<HTMLInputElement>(null);
  const [, navigate] = useLocation();
  useSearchKey(() => searchInput.current?.focus());
  return (
    <Screen
      title={say('common.screen-instances')}
      actions={
        <>
          {hasAny ? (
            <SearchField
              label={say('instances.search')}
              value={search}
              onChange={(next) => setView({ search: next })}
              placeholder={say('instances.search-hint', { key: '/' })}
              inputRef={searchInput}
            />
          ) : null}
          <Button
            tone="primary"
            icon={<Plus />}
            data-testid="launch-open"
            onPress={() => navigate(launchAddress(host))}
          >
            {say('instances.launch')}
          </Button>
        </>
      }
    >
      <div className={styles.page}>
        {hasAny ? <TagFilter /> : null}
        {hasAny && visible.length > 0 ? <InstanceTable instances={visible} /> : null}
        {hasAny && visible.length === 0 ? <NoMatch search={search} /> : null}
        {hasAny ? null : (
          <div className={styles.empty}>
            <FirstLaunch />
            {welcome}
          </div>
        )}
        {deleted.length > 0 ? <DeletedInstances instances={deleted} /> : null}
        {selected.size > 0 ? <BulkActions /> : null}
      </div>
      <PurgeDialog />
    </Screen>
  );
}

/** The search, the tags or both leave nothing. */
function NoMatch({ search }: { readonly search: string }) {
  return (
    <EmptyState
      title={search === '' ? say('setup.no-tag-match') : say('instances.no-match', { search })}
      action={
        <Button onPress={() => setView({ search: '', tags: new Set() })}>
          {search === '' ? say('setup.clear-tags') : say('instances.clear-search')}
        </Button>
      }
    />
  );
}

/** `/` goes to the search box, unless something is being typed. */
function useSearchKey(focus: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isTyping =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, [contenteditable]') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      focus();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}
