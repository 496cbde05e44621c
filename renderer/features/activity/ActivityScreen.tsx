// SPDX-License-Identifier: MIT
import { operationKey } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { useBerth } from '../../store/index.ts';
import { selectActivity } from '../../store/selectors.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { CopyRow } from './CopyRow.tsx';
import { OperationRow } from './OperationRow.tsx';
import styles from './ActivityScreen.module.css';

/** Every operation the helper remembers and every copy this window does, running ones on top. */
export function ActivityScreen() {
  const entries = useBerth(selectActivity);
  return (
    <Screen title={say('common.screen-activity')}>
      {entries.length === 0 ? (
        <EmptyState title={say('activity.empty')}>
          <p>{say('activity.empty-text')}</p>
        </EmptyState>
      ) : (
        <ul className={styles.list}>
          {entries.map((entry) =>
            'kind' in entry ? (
              <OperationRow key={operationKey(entry.host, entry.id)} operation={entry} />
            ) : (
              <CopyRow key={entry.id} transfer={entry} />
            ),
          )}
        </ul>
      )}
    </Screen>
  );
}
