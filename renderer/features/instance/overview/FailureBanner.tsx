// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../../lib/addresses.ts';
import { pauseWayOut, pauseWords } from '#contract/pause.ts';
import { Banner } from '../../../ui/Banner.tsx';
import { Button } from '../../../ui/Button.tsx';
import { FailureReport } from '../FailureReport.tsx';
import styles from '../FailureReport.module.css';

/** Why it is paused, else why the last launch, start or stop failed, with the console lines that explain it. */
export function FailureBanner({ instance }: { readonly instance: HostInstance }) {
  const [, navigate] = useLocation();
  if (instance.brokenReason !== undefined) {
    return (
      <div className={styles.banner}>
        <Banner tone="bad" title={say('overview.broken')}>
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
        <Banner
          tone={pause.reason === 'asked' ? 'plain' : 'bad'}
          title={say('overview.paused', { reason: pauseWords(pause.reason) })}
        >
          <span>{pauseWayOut(pause.reason)}</span>
        </Banner>
      </div>
    );
  }
  const error = instance.lastError;
  if (error === undefined || instance.operation !== undefined) return null;
  const openConsole = (
    <Button size="small" onPress={() => navigate(instanceAddress(keyOf(instance), 'console'), { replace: true })}>
      {say('overview.open-console')}
    </Button>
  );
  return <FailureReport error={error} action={openConsole} />;
}
