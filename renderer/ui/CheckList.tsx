// SPDX-License-Identifier: MIT
import { titleOf, type HostCheck } from '#contract/system.ts';
import { inOwnWords } from '#contract/told-sentence.ts';
import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, TriangleAlert } from 'lucide-react';
import { CommandLine } from './CommandLine.tsx';
import styles from './CheckList.module.css';
import { wordIn } from '../lib/later-words.ts';
import { iconOf } from '../lib/icon-of.ts';

const icons = {
  good: CircleCheck,
  limited: TriangleAlert,
  missing: CircleAlert,
  checking: CircleDashed,
  unknown: CircleHelp,
} as const;

/** The helper's checks of this computer, each with its evidence and its fix. */
export function CheckList({ checks }: { readonly checks: readonly HostCheck[] }) {
  return (
    <ul className={styles.list}>
      {checks.map(inOwnWords).map((check) => {
        const Icon = iconOf(icons, check.state);
        return (
          <li key={check.id} className={styles.check} data-testid={`check-${check.id}`} data-state={check.state}>
            <Icon
              size={16}
              className={styles[check.state]}
              aria-label={wordIn('common.check', check.state)}
              role="img"
            />
            <div className={styles.text}>
              <h3>{titleOf(check)}</h3>
              <p>{check.summary}</p>
              {check.evidence === undefined ? null : <p className={styles.evidence}>{check.evidence}</p>}
              {check.fix === undefined ? null : <p className={styles.fix}>{check.fix}</p>}
              {check.command === undefined ? null : <CommandLine line={check.command} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
