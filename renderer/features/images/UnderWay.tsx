// SPDX-License-Identifier: MIT
import { operationWords } from '#contract/operation-words.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { amountWords, stepWords } from '../../lib/progress-words.ts';
import { cancelOperation } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { imagesStrings as strings } from './strings.ts';
import styles from './ImagesScreen.module.css';

/** Images that are on their way into the vault, and those being read again. A build is shown beside its image. */
export function UnderWay() {
  const operations = useBerth((state) => state.operations);
  const running = Object.values(operations)
    .filter(isShown)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  if (running.length === 0) return null;
  return (
    <ul className={styles.coming} aria-label={strings.underWay}>
      {running.map((operation) => (
        <Row key={operation.id} operation={operation} />
      ))}
    </ul>
  );
}

function isShown({ kind, state }: OperationSummary): boolean {
  return state === 'running' && (kind === 'image-import' || kind === 'image-fetch' || kind === 'image-verify');
}

function Row({ operation }: { readonly operation: OperationSummary }) {
  const { kind, target, progress, cancellable } = operation;
  return (
    <li data-testid={`under-way-${target}`}>
      <div>
        <span className={styles.what}>
          {operationWords(kind).underWay} <strong>{target}</strong>
        </span>
        <span className={styles.amounts}>
          {[stepWords(progress), amountWords(progress)].filter(Boolean).join(' · ')}
        </span>
        <ProgressBar label={`${operationWords(kind).underWay} ${target}`} fraction={progress?.fraction} />
      </div>
      <Button size="small" isDisabled={!cancellable} onPress={() => void cancelOperation(operation.id)}>
        {strings.cancel}
      </Button>
    </li>
  );
}
