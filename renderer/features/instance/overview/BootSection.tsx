// SPDX-License-Identifier: MIT
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import type { BootRecord } from '#contract/instances.ts';
import { say } from '#messages/say.ts';
import { formatDuration, formatMoment } from '../../../lib/format.ts';
import { layOutTimeline } from '../../../lib/timeline.ts';
import { useBerth } from '../../../store/index.ts';
import { Section } from '../../../ui/Screen.tsx';
import { Timeline } from '../../../ui/Timeline.tsx';
import { newestBoot } from './newest-boot.ts';
import styles from './OverviewTab.module.css';

/** The newest boot as a timeline, live while it happens; earlier ones as a list. */
export function BootSection({
  instance,
  boots,
}: {
  readonly instance: HostInstance;
  readonly boots: readonly BootRecord[];
}) {
  const live = useBerth((state) => state.phases[keyOf(instance)]);
  const newest = newestBoot(boots, live);
  if (newest === undefined)
    return (
      <Section title={say('overview.last-boot', { number: 1 })}>
        <p className={styles.muted}>{say('overview.no-boot')}</p>
      </Section>
    );
  const isUnderWay = newest.phases.some((phase) => phase.state === 'running');
  const begin = newest.phases.find((phase) => phase.startedAt !== undefined)?.startedAt ?? newest.startedAt;
  const meta = [
    ...(begin === undefined ? [] : [say('overview.boot-of', { moment: formatMoment(begin) })]),
    ...(isUnderWay
      ? []
      : [say('overview.took', { duration: formatDuration(layOutTimeline(newest.phases, 0).totalMs) })]),
  ].join(', ');
  const older = boots.filter((boot) => boot.number !== newest.number).sort((a, b) => b.number - a.number);
  return (
    <Section
      title={say('overview.last-boot', { number: newest.number })}
      aside={<span className={styles.bootMeta}>{meta}</span>}
    >
      <Timeline phases={newest.phases} />
      {older.length === 0 ? null : (
        <details className={styles.older}>
          <summary>
            {say('overview.boots')} ({older.length})
          </summary>
          <ul>
            {older.map((boot) => (
              <li key={boot.number}>
                <span>{say('overview.last-boot', { number: boot.number })}</span>
                <span>{formatMoment(boot.startedAt)}</span>
                <span>
                  {boot.phases.length === 0
                    ? ''
                    : say('overview.took', {
                        duration: formatDuration(
                          layOutTimeline(boot.phases, Date.parse(boot.endedAt ?? boot.startedAt)).totalMs,
                        ),
                      })}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
