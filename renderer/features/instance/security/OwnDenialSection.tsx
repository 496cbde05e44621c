// SPDX-License-Identifier: MIT
import type { DenialList } from '#contract/denials.ts';
import { say } from '#messages/say.ts';
import { Section } from '../../../ui/Screen.tsx';
import { DenialCard } from './DenialCard.tsx';
import styles from './SecurityTab.module.css';

/**
 * What Berth's own programs were refused, in one closed row: there is nothing to decide, and as a rule there is none.
 */
export function OwnDenialSection({ list: { denials } }: { readonly list: DenialList }) {
  if (denials.length === 0) return null;
  return (
    <Section title={say('security.own-title')}>
      <p className={styles.intro}>{say('security.own-text')}</p>
      <details className={styles.own}>
        <summary data-testid="own-denials">{say('security.own-count', { count: denials.length })}</summary>
        <ul className={styles.denials}>
          {denials.map((denial) => (
            <DenialCard key={denial.id} denial={denial} />
          ))}
        </ul>
      </details>
    </Section>
  );
}
