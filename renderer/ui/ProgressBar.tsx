// SPDX-License-Identifier: MIT
import { ProgressBar as AriaProgressBar } from 'react-aria-components';
import styles from './ProgressBar.module.css';

/** Progress from 0 to 1; a moving bar where the end is not known. */
export function ProgressBar({ label, fraction }: { readonly label: string; readonly fraction?: number | undefined }) {
  const isKnown = fraction !== undefined;
  return (
    <AriaProgressBar
      aria-label={label}
      className={styles.track!}
      isIndeterminate={!isKnown}
      {...(isKnown ? { value: fraction * 100 } : {})}
    >
      <span
        className={isKnown ? styles.fill : styles.moving}
        style={isKnown ? { transform: `scaleX(${fraction})` } : undefined}
      />
    </AriaProgressBar>
  );
}
