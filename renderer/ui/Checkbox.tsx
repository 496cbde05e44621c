// SPDX-License-Identifier: MIT
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components';
import styles from './Checkbox.module.css';

interface CheckboxProps {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** One thing to say yes to, with its words. */
export function Checkbox({ isChecked, onChange, testId, children }: CheckboxProps) {
  return (
    <AriaCheckbox className={styles.checkbox!} isSelected={isChecked} onChange={onChange} data-testid={testId}>
      <span className={styles.box} aria-hidden="true">
        {isChecked ? <Check size={11} strokeWidth={3} /> : null}
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}
