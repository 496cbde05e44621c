// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { say } from '#messages/say.ts';
import { classNames } from '../lib/class-names.ts';
import { CopyButton } from './CopyButton.tsx';
import styles from './KeyValue.module.css';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
  /** Offers to copy this text. */
  readonly copy?: string | undefined;
}

/** A list of facts, label left, value right; facts without a value are left out. */
export function KeyValue({ facts, isWide = false }: { readonly facts: readonly Fact[]; readonly isWide?: boolean }) {
  return (
    <dl className={classNames(styles.list, isWide && styles.wide)}>
      {facts
        .filter((fact) => fact.value !== undefined && fact.value !== '')
        .map((fact) => (
          <div key={fact.label} className={styles.row}>
            <dt>{fact.label}</dt>
            <dd>
              <span>{fact.value}</span>
              {fact.copy === undefined ? null : (
                <CopyButton text={fact.copy} label={say('common.copy-fact', { label: fact.label.toLowerCase() })} />
              )}
            </dd>
          </div>
        ))}
    </dl>
  );
}
