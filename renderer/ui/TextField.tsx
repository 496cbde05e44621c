// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField as AriaTextField } from 'react-aria-components';
import { classNames } from '../lib/class-names.ts';
import styles from './TextField.module.css';

interface TextFieldProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  /** Advice that is no error: an over-commit warning, what a blank field means. */
  readonly note?: ReactNode;
  readonly noteTone?: 'plain' | 'warning';
  readonly placeholder?: string;
  readonly isMono?: boolean;
  readonly rows?: number;
  readonly isDisabled?: boolean;
  readonly autoFocus?: boolean;
  readonly testId?: string;
  /** A button that belongs to the field. */
  readonly action?: ReactNode;
}

/** A labelled line or area of text with its error or note below it. */
export function TextField({
  label,
  isLabelHidden,
  value,
  onChange,
  error,
  note,
  noteTone = 'plain',
  placeholder,
  isMono,
  rows,
  isDisabled,
  autoFocus,
  testId,
  action,
}: TextFieldProps) {
  const shared = {
    className: classNames(styles.input, isMono && styles.mono),
    placeholder: placeholder ?? '',
    spellCheck: false,
    'data-testid': testId,
  };
  return (
    <AriaTextField
      className={styles.field!}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      isDisabled={isDisabled ?? false}
      autoFocus={autoFocus ?? false}
      validationBehavior="aria"
      {...(isLabelHidden === true ? { 'aria-label': label } : {})}
    >
      {isLabelHidden === true ? null : <Label className={styles.label!}>{label}</Label>}
      <div className={styles.line}>
        {rows === undefined ? (
          <Input {...shared} autoComplete="off" />
        ) : (
          <TextArea {...shared} rows={rows} className={classNames(shared.className, styles.area)} />
        )}
        {action}
      </div>
      <FieldError className={styles.error!}>{error}</FieldError>
      {error === undefined && note !== undefined ? (
        <Text slot="description" className={classNames(styles.note, noteTone === 'warning' && styles.warning)}>
          {note}
        </Text>
      ) : null}
    </AriaTextField>
  );
}
