// SPDX-License-Identifier: MIT
import { Ban, Eye, KeyRound, ShieldX } from 'lucide-react';
import type { DecideDenialParams, Denial } from '#contract/denials.ts';
import { say } from '#messages/say.ts';
import { classNames } from '../../../lib/class-names.ts';
import { formatAgo, formatMoment } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { Button } from '../../../ui/Button.tsx';
import { KeyValue } from '../../../ui/KeyValue.tsx';
import styles from './SecurityTab.module.css';

export type Choice = DecideDenialParams['choice'];

interface ChoicesProps {
  readonly name: string;
  readonly denial: Denial;
  readonly onDecide: (choice: Choice) => void;
}

interface DenialCardProps {
  readonly denial: Denial;
  /** Of an instance: what may be decided on it. */
  readonly choices?: Pick<ChoicesProps, 'name' | 'onDecide'>;
}

/** One thing that was refused, what it means, and what can be done about it. */
export function DenialCard({ denial, choices }: DenialCardProps) {
  const { id, count, lastAt, outcome, explanation, caution, decision } = denial;
  const now = useNow(60_000);
  const Icon =
    decision?.choice === 'keep-blocked'
      ? Ban
      : decision !== undefined
        ? KeyRound
        : outcome === 'reported'
          ? Eye
          : ShieldX;
  return (
    <li className={classNames(styles.denial, decision !== undefined && styles.decided)} data-testid={`denial-${id}`}>
      <Icon size={18} aria-hidden="true" className={decision === undefined ? styles[outcome] : undefined} />
      <div>
        <h3>{explanation}</h3>
        <p className={styles.times}>
          {decision === undefined
            ? wordIn('security.denial-outcome', outcome)
            : wordIn('security.denial-decision', decision.choice)}
          {' · '}
          {say('security.denial-times', { count, ago: formatAgo(lastAt, now) })}
        </p>
        {caution === undefined ? null : <p className={styles.caution}>{caution}</p>}
        {choices === undefined ? null : (
          <div className={styles.actions}>
            <Choices {...choices} denial={denial} />
          </div>
        )}
        <details>
          <summary>{say('common.details')}</summary>
          <KeyValue
            isWide
            facts={[
              {
                label: say('security.denial-rule'),
                value: denial.rule === undefined ? undefined : <code>{denial.rule}</code>,
                copy: denial.rule,
              },
              {
                label: say('security.denial-profile'),
                value: (
                  <code>{choices === undefined ? denial.utility : `multipass.${choices.name}.${denial.utility}`}</code>
                ),
              },
              {
                label: say('security.denial-operations'),
                value: (
                  <code>
                    {[denial.operations.join(', '), denial.access]
                      .filter((word) => word !== undefined && word !== '')
                      .join(' · ')}
                  </code>
                ),
              },
              { label: say('security.denial-first'), value: formatMoment(denial.firstAt) },
            ]}
          />
        </details>
      </div>
    </li>
  );
}

function Choices({ name, denial, onDecide }: ChoicesProps) {
  const { id, offers } = denial;
  const chosen = denial.decision?.choice;
  return (
    <>
      {chosen === 'keep-blocked' ? null : (
        <Button
          size="small"
          onPress={() => onDecide('keep-blocked')}
          hint={<code>{`berth block ${name} ${id}`}</code>}
          data-testid="denial-keep"
        >
          {chosen === undefined ? say('security.denial-keep') : say('security.denial-block-again')}
        </Button>
      )}
      {offers.includes('read') && chosen !== 'read' ? (
        <Button
          size="small"
          onPress={() => onDecide('read')}
          hint={<code>{`berth allow ${name} ${id}`}</code>}
          data-testid="denial-read"
        >
          {say('security.denial-read')}
        </Button>
      ) : null}
      {offers.includes('read-write') && chosen !== 'read-write' ? (
        <Button
          size="small"
          onPress={() => onDecide('read-write')}
          hint={<code>{`berth allow --write ${name} ${id}`}</code>}
          data-testid="denial-read-write"
        >
          {say('security.denial-read-write')}
        </Button>
      ) : null}
    </>
  );
}
