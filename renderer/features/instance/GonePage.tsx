// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import type { HostId } from '#contract/hosts.ts';
import { say } from '#messages/say.ts';
import { launchAddress } from '../../lib/addresses.ts';
import type { HostOperation } from '#contract/host-keys.ts';
import { ofHost } from '#contract/hosts-view.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ComingPage } from './ComingPage.tsx';
import { FailureReport } from './FailureReport.tsx';
import styles from './InstanceScreen.module.css';

/** The page of an instance that is not there: what became of its launch, where that is known. */
export function GonePage({ host, name }: { readonly host: HostId; readonly name: string }) {
  const launch = useBerth((state) => lastLaunch(ofHost(state.operations, host), name));
  const [, navigate] = useLocation();
  if (launch?.state === 'running') return <ComingPage launch={launch} />;
  const isFailed = launch?.state === 'failed' && launch.error !== undefined;
  const text = isFailed
    ? say('instance.launch-failed-text')
    : launch?.state === 'cancelled'
      ? say('instance.launch-cancelled-text')
      : say('instance.gone-text');
  const buttons = (
    <>
      {isFailed ? (
        <Button tone="primary" onPress={() => navigate(launchAddress(host))}>
          {say('instance.launch-again')}
        </Button>
      ) : null}
      <Button onPress={() => navigate('/')}>{say('instance.to-list')}</Button>
    </>
  );
  return (
    <main className={styles.gone}>
      {isFailed && launch.error !== undefined ? <FailureReport error={launch.error} /> : null}
      <EmptyState
        title={isFailed ? say('instance.launch-failed', { name }) : say('instance.gone', { name })}
        action={buttons}
      >
        <p>{text}</p>
      </EmptyState>
    </main>
  );
}

function lastLaunch(operations: readonly HostOperation[], name: string): HostOperation | undefined {
  return operations
    .filter((operation) => operation.kind === 'launch' && operation.target === name)
    .reduce<HostOperation | undefined>(
      (newest, each) => (newest === undefined || each.startedAt > newest.startedAt ? each : newest),
      undefined,
    );
}
