// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { bootPhase } from '#contract/operations.ts';
import { say } from '#messages/say.ts';
import { Banner } from '../../ui/Banner.tsx';
import styles from './FailureReport.module.css';

/** An error with its phase, its way out and the console's last lines. */
export function FailureReport({ error, action }: { readonly error: HelperErrorData; readonly action?: ReactNode }) {
  const { message, hint } = describeError(error);
  const phase = bootPhase.safeParse(error.phase);
  return (
    <div className={styles.banner}>
      <Banner
        tone="bad"
        title={
          phase.success
            ? say('instance.failed-at', { phase: say(`common.phase-${phase.data}`) })
            : say('instance.failed')
        }
        action={action}
      >
        <span>{message}</span>
        <span className={styles.muted}>{hint}</span>
        {error.consoleTail === undefined || error.consoleTail.length === 0 ? null : (
          <pre tabIndex={0}>{error.consoleTail.join('\n')}</pre>
        )}
      </Banner>
    </div>
  );
}
