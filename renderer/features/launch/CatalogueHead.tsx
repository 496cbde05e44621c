// SPDX-License-Identifier: MIT
import { RefreshCw } from 'lucide-react';
import { ofHost } from '#contract/hosts-view.ts';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import type { CatalogueEntry } from '#contract/images.ts';
import { describeError } from '#contract/errors.ts';
import { refreshImages } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { IconButton } from '../../ui/Button.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Select } from '../../ui/Select.tsx';
import { osNames, type CatalogueFilter } from './catalogue-view.ts';
import styles from './CatalogueHead.module.css';

interface CatalogueHeadProps {
  readonly catalogue: readonly CatalogueEntry[];
  readonly filter: CatalogueFilter;
  readonly onFilter: (filter: CatalogueFilter) => void;
}

/** Search, the choice of a distribution, and what the remotes said when they were last asked. */
export function CatalogueHead({ catalogue, filter, onFilter }: CatalogueHeadProps) {
  const all = useHostPart((part) => part.remotes);
  const host = useHost();
  const remotes = all.filter((remote) => remote.isDisabled !== true);
  const isAsking = useBerth((state) =>
    ofHost(state.operations, host).some((each) => each.kind === 'image-refresh' && each.state === 'running'),
  );
  const failed = remotes.filter((remote) => remote.error !== undefined);
  const isNeverAsked =
    remotes.length > 0 && remotes.every((remote) => remote.refreshedAt === undefined && remote.error === undefined);
  const options = [
    { value: 'all', label: say('launch.all-families') },
    ...osNames(catalogue).map((os) => ({ value: os, label: os })),
  ];
  return (
    <div className={styles.head}>
      <div className={styles.row}>
        <SearchField
          label={say('launch.search')}
          placeholder={say('launch.search-hint')}
          value={filter.text}
          onChange={(text) => onFilter({ ...filter, text })}
        />
        <Select
          label={say('launch.family')}
          isLabelHidden
          value={filter.os}
          options={options}
          onChange={(os) => onFilter({ ...filter, os })}
        />
        <IconButton
          label={say('launch.refresh')}
          icon={<RefreshCw />}
          isDisabled={isAsking}
          data-testid="catalogue-refresh"
          onPress={() => void refreshImages(host)}
        />
      </div>
      {isAsking ? (
        <p role="status">{say('launch.asking')}</p>
      ) : isNeverAsked ? (
        <p>{say('launch.never-asked', { count: remotes.length })}</p>
      ) : null}
      {failed.length === 0 ? null : (
        <details className={styles.failed} data-testid="remote-errors">
          <summary>{say('launch.failed', { titles: failed.map((remote) => remote.title).join(', ') })}</summary>
          <ul>
            {failed.map((remote) => (
              <li key={remote.name}>{remote.error === undefined ? '' : describeError(remote.error).message}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
