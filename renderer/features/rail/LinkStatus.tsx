// SPDX-License-Identifier: MIT
import { useHostPart } from '../../store/current-host.ts';
import { classNames } from '../../lib/class-names.ts';
import { Tooltip } from '../../ui/Tooltip.tsx';
import { Button } from 'react-aria-components';
import { railStrings as strings } from './strings.ts';
import styles from './Rail.module.css';

/** Whether the helper answers, and how fast instances can be. */
export function LinkStatus() {
  const link = useHostPart((part) => part.link);
  const accelerator = useHostPart((part) => part.system?.accelerator);
  const why = useHostPart((part) => part.system?.checks.find((check) => check.id === 'kvm')?.summary);
  const word =
    link.state === 'connected' ? strings.connected : link.state === 'connecting' ? strings.connecting : strings.down;
  return (
    <footer className={styles.status}>
      <div className={styles.line} role="status">
        <span className={classNames(styles.dot, styles[link.state])} aria-hidden="true" />
        <span className={styles.label}>{word}</span>
      </div>
      {accelerator === 'tcg' ? (
        <Tooltip text={why ?? strings.tcgWhy}>
          <Button className={styles.note!}>{strings.tcg}</Button>
        </Tooltip>
      ) : accelerator === 'kvm' ? (
        <div className={styles.note}>{strings.kvm}</div>
      ) : null}
    </footer>
  );
}
