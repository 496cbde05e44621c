// SPDX-License-Identifier: MIT
import { Label, Radio, RadioGroup } from 'react-aria-components';
import styles from './Segments.module.css';

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** One of two or three, all in sight. */
export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  const choose = (next: string): void => {
    const option = options.find((each) => each.value === next);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <RadioGroup className={styles.group!} value={value} onChange={choose} orientation="horizontal">
      <Label className={styles.label!}>{label}</Label>
      <div className={styles.segments}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className={styles.segment!}>
            {option.label}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
