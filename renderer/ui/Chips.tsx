// SPDX-License-Identifier: MIT
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import styles from './Chips.module.css';

/** Words in a row. */
export function Chips({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <span className={styles.row} title={words.join(', ')}>
      {words.map((word) => (
        <span key={word} className={styles.chip} translate="no">
          {word}
        </span>
      ))}
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
