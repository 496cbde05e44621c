// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { pauseWayOut, pauseWords } from '#contract/pause.ts';
import { bootPhase } from '#contract/operations.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { uiStrings } from '../../ui/strings.ts';
import { detailsStrings as strings } from './strings.ts';
import styles from './OverviewTab.module.css';

/** Why it is paused, else why the last launch, start or stop failed, with the console lines that explain it. */
export function FailureBanner({ instance }: { readonly instance: InstanceSummary }) {
  const [, navigate] = useLocation();
  if (instance.brokenReason !== undefined) {
    return (
      <div className={styles.banner}>
        <Banner tone="bad" title={strings.broken}>
          <span>{instance.brokenReason}</span>
          <span className={styles.muted}>{instance.brokenHint}</span>
        </Banner>
      </div>
    );
  }
  const { pause } = instance;
  if (pause !== undefined) {
    return (
      <div className={styles.banner} data-testid="paused">
        <Banner tone="bad" title={strings.paused(pauseWords(pause.reason))}>
          <span>{pauseWayOut(pause.reason)}</span>
        </Banner>
      </div>
    );
  }
  const error = instance.lastError;
  if (error === undefined || instance.operation !== undefined) return null;
  const openConsole = (
    <Button size="small" onPress={() => navigate(`/instances/${instance.name}/console`, { replace: true })}>
      {strings.openConsole}
    </Button>
  );
  return <FailureReport error={error} action={openConsole} />;
}

/** An error with its phase, its way out and the console's last lines. */
export function FailureReport({ error, action }: { readonly error: HelperErrorData; readonly action?: ReactNode }) {
  const { message, hint } = describeError(error);
  const phase = bootPhase.safeParse(error.phase);
  return (
    <div className={styles.banner}>
      <Banner
        tone="bad"
        title={phase.success ? strings.failedAt(uiStrings.phases[phase.data]) : strings.failed}
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
