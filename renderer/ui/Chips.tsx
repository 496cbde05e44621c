// SPDX-License-Identifier: MIT
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { say } from '#messages/say.ts';
import styles from './Chips.module.css';

/** Words in a row; beyond `most`, how many more there are. */
export function Chips({ words, most = words.length }: { readonly words: readonly string[]; readonly most?: number }) {
  if (words.length === 0) return null;
  const more = words.length - most;
  return (
    <span className={styles.row} title={words.join(', ')}>
      {words.slice(0, most).map((word) => (
        <span key={word} className={styles.chip} translate="no">
          {word}
        </span>
      ))}
      {more > 0 ? <span className={styles.chip}>{say('common.plus', { count: more })}</span> : null}
    </span>
  );
}

interface ChipFilterProps {
  readonly label: string;
  readonly words: readonly string[];
  readonly selected: ReadonlySet<string>;
  readonly onChange: (selected: ReadonlySet<string>) => void;
}

/** Words of which any number can be chosen. */
export function ChipFilter({ label, words, selected, onChange }: ChipFilterProps) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="multiple"
      selectedKeys={selected}
      onSelectionChange={(keys) => onChange(new Set([...keys].map(String)))}
      className={styles.filter!}
    >
      {words.map((word) => (
        <ToggleButton key={word} id={word} className={styles.toggle!} translate="no" data-testid={`tag-${word}`}>
          {word}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
