// SPDX-License-Identifier: MIT
import type { HostOperation } from '#contract/host-keys.ts';
import { ofHost } from '#contract/hosts-view.ts';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import { operationWords } from '#contract/operation-words.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { amountWords, stepWords } from '../../lib/progress-words.ts';
import { cancelOperation } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Said } from '../../ui/Said.tsx';
import styles from './ImagesScreen.module.css';

/** Images that are on their way into the vault, and those being read again. A build is shown beside its image. */
export function UnderWay() {
  const host = useHost();
  const operations = useBerth((state) => state.operations);
  const running = ofHost(operations, host)
    .filter(isShown)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  if (running.length === 0) return null;
  return (
    <ul className={styles.coming} aria-label={say('images.under-way')}>
      {running.map((operation) => (
        <Row key={operation.id} operation={operation} />
      ))}
    </ul>
  );
}

function isShown({ kind, state }: OperationSummary): boolean {
  return state === 'running' && (kind === 'image-import' || kind === 'image-fetch' || kind === 'image-verify');
}

function Row({ operation }: { readonly operation: HostOperation }) {
  const { host, kind, target, progress, cancellable } = operation;
  return (
    <li data-testid={`under-way-${target}`}>
      <div>
        <span className={styles.what}>
          <Said
            id="images.under-way-of"
            values={{ doing: operationWords(kind).underWay, target }}
            parts={{ b: (inner) => <strong translate="no">{inner}</strong> }}
          />
        </span>
        <span className={styles.amounts}>
          {[stepWords(progress), amountWords(progress)].filter(Boolean).join(' · ')}
        </span>
        <ProgressBar
          label={say('images.under-way-label', { doing: operationWords(kind).underWay, target })}
          fraction={progress?.fraction}
        />
      </div>
      <Button size="small" isDisabled={!cancellable} onPress={() => void cancelOperation(host, operation.id)}>
        {say('common.cancel')}
      </Button>
    </li>
  );
}
