// SPDX-License-Identifier: MIT
import { CircleAlert, CircleCheck, CircleSlash, LoaderCircle } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import { instanceKey, type HostOperation } from '#contract/host-keys.ts';
import { describeError } from '#contract/errors.ts';
import { operationWords } from '#contract/operation-words.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatDuration, formatMoment } from '../../lib/format.ts';
import { amountWords } from '../../lib/progress-words.ts';
import { useNow } from '../../lib/use-now.ts';
import { wordIn } from '../../lib/later-words.ts';
import { iconOf } from '../../lib/icon-of.ts';
import { cancelOperation } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Said } from '../../ui/Said.tsx';
import styles from './ActivityScreen.module.css';

const icons = { running: LoaderCircle, succeeded: CircleCheck, failed: CircleAlert, cancelled: CircleSlash } as const;

export const OperationRow = memo(function OperationRow({ operation }: { readonly operation: HostOperation }) {
  const instance = instanceKey(operation.host, operation.target);
  const isRunning = operation.state === 'running';
  const now = useNow(1000, isRunning);
  const hasInstance = useBerth((state) => instance in state.instances);
  const Icon = iconOf(icons, operation.state);
  const end = operation.endedAt === undefined ? now : Date.parse(operation.endedAt);
  const error = operation.error === undefined ? undefined : describeError(operation.error);
  return (
    <li className={classNames(styles.row, styles[operation.state])} data-testid={`operation-${operation.id}`}>
      <Icon size={16} role="img" aria-label={wordIn('activity.state', operation.state)} />
      <span className={styles.what}>
        <Said
          id="activity.operation"
          values={{ operation: operationWords(operation.kind).label, target: operation.target }}
          parts={{
            link: (inner) =>
              hasInstance ? (
                <Link to={instanceAddress(instance)} translate="no">
                  {inner}
                </Link>
              ) : (
                <strong translate="no">{inner}</strong>
              ),
          }}
        />
      </span>
      <span className={styles.step}>
        {isRunning ? (
          <Progress operation={operation} />
        ) : operation.state === 'succeeded' ? (
          ''
        ) : (
          (error?.message ?? wordIn('activity.state', operation.state))
        )}
      </span>
      <span className={styles.time}>{formatDuration(end - Date.parse(operation.startedAt))}</span>
      <span className={styles.when}>{formatMoment(operation.startedAt)}</span>
      <span className={styles.action}>
        {isRunning ? (
          <Button
            size="small"
            isDisabled={!operation.cancellable}
            {...(operation.cancellable ? {} : { hint: say('activity.past-return') })}
            onPress={() => void cancelOperation(operation.host, operation.id)}
          >
            {say('common.cancel')}
          </Button>
        ) : null}
      </span>
      {error === undefined ? null : <ErrorDetails operation={operation} hint={error.hint} />}
    </li>
  );
});

function Progress({ operation }: { readonly operation: OperationSummary }) {
  const { progress } = operation;
  const words = [progress?.step, amountWords(progress)].filter(Boolean).join(' · ');
  return (
    <span className={styles.progress}>
      <span title={words}>{words}</span>
      <ProgressBar label={operationWords(operation.kind).underWay} fraction={progress?.fraction} />
    </span>
  );
}

function ErrorDetails({ operation, hint }: { readonly operation: OperationSummary; readonly hint: string }) {
  const { causes = [], consoleTail = [] } = operation.error ?? {};
  return (
    <details className={styles.details}>
      <summary>{say('common.details')}</summary>
      <p>{hint}</p>
      {causes.length === 0 ? null : (
        <>
          <h3>{say('activity.causes')}</h3>
          <ul>
            {causes.map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
        </>
      )}
      {consoleTail.length === 0 ? null : <pre tabIndex={0}>{consoleTail.join('\n')}</pre>}
      <code>
        {operation.id} · {operation.error?.code}
      </code>
    </details>
  );
}
