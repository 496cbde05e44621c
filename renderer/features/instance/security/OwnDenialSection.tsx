// SPDX-License-Identifier: MIT
import type { DenialList } from '#contract/denials.ts';
import { Section } from '../../../ui/Screen.tsx';
import { DenialCard } from './DenialCard.tsx';
import { securityStrings } from './strings.ts';
import styles from './SecurityTab.module.css';

const strings = securityStrings.ownDenials;

/**
 * What Berth's own programs were refused, in one closed row: there is nothing to decide, and as a rule there is none.
 */
export function OwnDenialSection({ list: { denials } }: { readonly list: DenialList }) {
  if (denials.length === 0) return null;
  return (
    <Section title={strings.title}>
      <p className={styles.intro}>{strings.text}</p>
      <details className={styles.own}>
        <summary data-testid="own-denials">{strings.count(denials.length)}</summary>
        <ul className={styles.denials}>
          {denials.map((denial) => (
            <DenialCard key={denial.id} denial={denial} />
          ))}
        </ul>
      </details>
    </Section>
  );
}
