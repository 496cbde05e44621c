// SPDX-License-Identifier: MIT
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox } from 'react-aria-components';
import styles from './CheckField.module.css';

interface CheckFieldProps {
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly children: ReactNode;
  readonly testId?: string;
  readonly isDisabled?: boolean;
}

/** A box to tick, with its words. */
export function CheckField({ isSelected, onChange, children, testId, isDisabled = false }: CheckFieldProps) {
  return (
    <Checkbox
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      className={styles.field!}
      data-testid={testId}
    >
      <span className={styles.box}>{isSelected ? <Check size={12} aria-hidden="true" /> : null}</span>
      {children}
    </Checkbox>
  );
}
