// SPDX-License-Identifier: MIT
import type { OperationSummary } from '#contract/operations.ts';
import { formatBytes, formatDuration } from '../../lib/format.ts';
import { cancelOperation } from '../../store/commands.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { detailsStrings as strings } from './strings.ts';
import styles from './DetailsScreen.module.css';

/** The page of an instance whose image is still on its way. */
export function ComingPage({ launch }: { readonly launch: OperationSummary }) {
  const { progress } = launch;
  return (
    <main className={styles.gone}>
      <EmptyState title={strings.coming(launch.target)} action={<Button isDisabled={!launch.cancellable} onPress={() => void cancelOperation(launch.id)}>{strings.cancel}</Button>}>
        <p role="status" data-testid="coming-progress">{wordsOf(progress)}</p>
        <ProgressBar label={strings.coming(launch.target)} fraction={progress?.fraction} />
      </EmptyState>
    </main>
  );
}

function wordsOf(progress: OperationSummary['progress']): string {
  if (progress === undefined) return '';
  const { step, bytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const amount = bytes === undefined ? undefined : totalBytes === undefined ? formatBytes(bytes) : strings.ofTotal(formatBytes(bytes), formatBytes(totalBytes));
  const rate = bytesPerSecond === undefined ? undefined : `${formatBytes(bytesPerSecond)}/s`;
  const left = secondsLeft === undefined ? undefined : strings.left(formatDuration(secondsLeft * 1000));
  return [step, amount, rate, left].filter((word) => word !== undefined).join(' · ');
}
