// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { classNames } from '../lib/class-names.ts';
import { CopyButton } from './CopyButton.tsx';
import styles from './CommandLine.module.css';

/** A command to copy into a terminal; with `isOneLine` its end may be out of sight. */
export function CommandLine({ line, isOneLine = false }: { readonly line: string; readonly isOneLine?: boolean }) {
  return (
    <div className={classNames(styles.box, isOneLine && styles.oneLine)}>
      <code>{line}</code>
      <CopyButton text={line} label={say('common.copy-command')} />
    </div>
  );
}
