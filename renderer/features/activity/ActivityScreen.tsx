// SPDX-License-Identifier: MIT
import { useBerth } from '../../store/index.ts';
import { selectOperations } from '../../store/selectors.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { OperationRow } from './OperationRow.tsx';
import { activityStrings as strings } from './strings.ts';
import styles from './ActivityScreen.module.css';

/** Every operation the helper remembers, running ones on top. */
export function ActivityScreen() {
  const operations = useBerth(selectOperations);
  return (
    <Screen title={strings.title}>
      {operations.length === 0 ? <EmptyState title={strings.empty}><p>{strings.emptyText}</p></EmptyState> : (
        <ul className={styles.list}>{operations.map((operation) => <OperationRow key={operation.id} operation={operation} />)}</ul>
      )}
    </Screen>
  );
}
