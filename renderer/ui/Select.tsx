// SPDX-License-Identifier: MIT
import { Check, ChevronDown } from 'lucide-react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components';
import styles from './Select.module.css';

interface SelectProps<T extends string> {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly note?: string }[];
  readonly onChange: (value: T) => void;
}

/** One of a few. */
export function Select<T extends string>({ label, isLabelHidden, value, options, onChange }: SelectProps<T>) {
  const choose = (key: unknown): void => {
    const option = options.find((each) => each.value === key);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <AriaSelect
      value={value}
      onChange={choose}
      className={styles.select!}
      {...(isLabelHidden ? { 'aria-label': label } : {})}
    >
      {isLabelHidden ? null : <Label className={styles.label!}>{label}</Label>}
      <Button className={styles.button!}>
        <SelectValue className={styles.value!}>
          {() => options.find((each) => each.value === value)?.label ?? ''}
        </SelectValue>
        <ChevronDown size={14} aria-hidden="true" />
      </Button>
      <Popover className={styles.popover!} offset={4}>
        <ListBox className={styles.list!}>
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} textValue={option.label} className={styles.option!}>
              <Check size={14} aria-hidden="true" className={option.value === value ? '' : styles.unchecked} />
              <span className={styles.text}>{option.label}</span>
              {option.note === undefined ? null : <span className={styles.note}>{option.note}</span>}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
