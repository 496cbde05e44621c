// SPDX-License-Identifier: MIT
import { CopyButton } from './CopyButton.tsx';
import { uiStrings } from './strings.ts';
import styles from './CommandLine.module.css';

/** A command to copy into a terminal. */
export function CommandLine({ line }: { readonly line: string }) {
  return (
    <div className={styles.box}>
      <code>{line}</code>
      <CopyButton text={line} label={uiStrings.copyCommand} />
    </div>
  );
}
