// SPDX-License-Identifier: MIT
import type { DenialList } from '#contract/denials.ts';
import { say } from '#messages/say.ts';
import { formatMoment } from '../../../lib/format.ts';
import { Banner } from '../../../ui/Banner.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Section } from '../../../ui/Screen.tsx';
import { DenialCard, type Choice } from './DenialCard.tsx';
import styles from './SecurityTab.module.css';

interface DenialSectionProps {
  readonly name: string;
  readonly list: DenialList;
  readonly onDecide: (id: string, choice: Choice) => void;
}

/** What the machine was refused: what waits for a decision first, what was decided below. */
export function DenialSection({ name, list: { denials, source }, onDecide }: DenialSectionProps) {
  const undecided = denials.filter(({ decision }) => decision === undefined);
  const decided = denials.filter(({ decision }) => decision !== undefined);
  const card = (denial: (typeof denials)[number]) => (
    <DenialCard key={denial.id} denial={denial} choices={{ name, onDecide: (choice) => onDecide(denial.id, choice) }} />
  );
  const keepAll =
    undecided.length < 2 ? undefined : (
      <Button
        size="small"
        onPress={() => undecided.forEach(({ id }) => onDecide(id, 'keep-blocked'))}
        data-testid="denials-keep-all"
      >
        {say('security.denial-keep-all')}
      </Button>
    );
  return (
    <Section title={say('security.denial-title')} aside={keepAll}>
      {source.lost === undefined ? null : (
        <Banner
          tone="warning"
          title={say('security.denial-lost', { count: source.lost.count, moment: formatMoment(source.lost.lastAt) })}
        />
      )}
      {denials.length === 0 ? (
        <p className={styles.intro} data-testid="denials-none">
          {source.state === 'watching'
            ? `${say('security.denial-none')} ${say('security.denial-none-text')}`
            : source.detail}
        </p>
      ) : (
        <p className={styles.intro}>
          {say('security.denial-undecided', { count: undecided.length })}.{' '}
          {source.state === 'watching'
            ? say('security.denial-seen-in', { place: source.detail })
            : say('security.denial-from-before')}
        </p>
      )}
      <ul className={styles.denials}>{undecided.map(card)}</ul>
      {decided.length === 0 ? null : (
        <details className={styles.older} open={undecided.length === 0}>
          <summary data-testid="denials-decided">{say('security.denial-decided', { count: decided.length })}</summary>
          <ul className={styles.denials}>{decided.map(card)}</ul>
        </details>
      )}
    </Section>
  );
}
