// SPDX-License-Identifier: MIT
import { Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import { Button, Input, SearchField as AriaSearchField } from 'react-aria-components';
import { say } from '#messages/say.ts';
import styles from './SearchField.module.css';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
  readonly onSubmit?: () => void;
}

/** A search box; Escape empties it. */
export function SearchField({ label, value, onChange, placeholder, inputRef, onSubmit }: SearchFieldProps) {
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      className={styles.field!}
      onSubmit={() => onSubmit?.()}
    >
      <Search size={14} aria-hidden="true" />
      <Input
        {...(inputRef === undefined ? {} : { ref: inputRef })}
        className={styles.input!}
        placeholder={placeholder}
        spellCheck={false}
      />
      {value === '' ? null : (
        <Button className={styles.clear!} aria-label={say('common.close')}>
          <X size={13} />
        </Button>
      )}
    </AriaSearchField>
  );
}
