// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { setView, useBerth } from '../../store/index.ts';
import { selectTags } from '../../store/selectors.ts';
import { ChipFilter } from '../../ui/Chips.tsx';
import styles from './TagFilter.module.css';

/** The tags in use; those that are chosen narrow the table to the instances that have all of them. */
export function TagFilter() {
  const tags = useBerth(selectTags);
  const chosen = useBerth((state) => state.tags);
  if (tags.length === 0) return null;
  return (
    <div className={styles.bar}>
      <span>{say('setup.filter')}</span>
      <ChipFilter
        label={say('setup.filter')}
        words={tags}
        selected={chosen}
        onChange={(next) => setView({ tags: next })}
      />
    </div>
  );
}
