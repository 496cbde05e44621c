// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../../lib/addresses.ts';
import { pauseWayOut, pauseWords } from '#contract/pause.ts';
import { formatBytes } from '../../../lib/format.ts';
import { labelOf } from '../../../lib/instance-actions.ts';
import { act } from '../../../store/commands.ts';
import { Banner } from '../../../ui/Banner.tsx';
import { Button } from '../../../ui/Button.tsx';
import { FailureReport } from '../FailureReport.tsx';
import styles from '../FailureReport.module.css';

/** Why it is paused or what it keeps, else why the last launch, start or stop failed, with what explains it. */
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
  if (instance.suspended !== undefined && instance.operation === undefined)
    return <Suspended instance={instance} size={formatBytes(instance.suspended.memoryBytes)} />;
  if (error === undefined || instance.operation !== undefined) return null;
  const openConsole = (
    <Button size="small" onPress={() => navigate(instanceAddress(keyOf(instance), 'console'), { replace: true })}>
      {say('overview.open-console')}
    </Button>
  );
  return <FailureReport error={error} action={openConsole} />;
}

/** How much memory it keeps; where it could not go on with that, why, and the way to start without. */
function Suspended({ instance, size }: { readonly instance: HostInstance; readonly size: string }) {
  if (instance.lastError !== undefined) {
    const startCold = (
      <Button size="small" data-testid="start-cold" onPress={() => void act('force-start', keyOf(instance))}>
        {labelOf('force-start')}
      </Button>
    );
    return <FailureReport error={instance.lastError} action={startCold} />;
  }
  return (
    <div className={styles.banner} data-testid="suspended">
      <Banner tone="plain" title={say('saved.suspended-title', { size })}>
        <span>{say('saved.suspended-way-out')}</span>
      </Banner>
    </div>
  );
}
