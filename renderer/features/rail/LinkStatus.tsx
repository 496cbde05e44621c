// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import { classNames } from '../../lib/class-names.ts';
import { Tooltip } from '../../ui/Tooltip.tsx';
import { Button } from 'react-aria-components';
import styles from './Rail.module.css';

/** Whether the helper answers, and how fast instances can be. */
export function LinkStatus() {
  const link = useHostPart((part) => part.link);
  const accelerator = useHostPart((part) => part.system?.accelerator);
  const why = useHostPart((part) => part.system?.checks.find((check) => check.id === 'kvm')?.summary);
  const word =
    link.state === 'connected'
      ? say('rail.connected')
      : link.state === 'connecting'
        ? say('rail.connecting')
        : say('rail.down');
  return (
    <footer className={styles.status}>
      <div className={styles.line} role="status">
        <span className={classNames(styles.dot, styles[link.state])} aria-hidden="true" />
        <span className={styles.label}>{word}</span>
      </div>
      {accelerator === 'tcg' ? (
        <Tooltip text={why ?? say('rail.tcg-why')}>
          <Button className={styles.note!}>{say('rail.tcg')}</Button>
        </Tooltip>
      ) : accelerator === 'kvm' ? (
        <div className={styles.note}>{say('rail.kvm')}</div>
      ) : null}
    </footer>
  );
}
