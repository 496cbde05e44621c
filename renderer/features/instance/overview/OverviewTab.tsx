// SPDX-License-Identifier: MIT
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { Section } from '../../../ui/Screen.tsx';
import { BootSection } from './BootSection.tsx';
import { ConfinementList } from './ConfinementList.tsx';
import { FactList } from './FactList.tsx';
import { FailureBanner } from './FailureBanner.tsx';
import { useDetails } from './use-details.ts';
import styles from './OverviewTab.module.css';

/** How it booted, what it is, what holds it in. */
export function OverviewTab({ instance }: { readonly instance: HostInstance }) {
  const details = useDetails(instance);
  return (
    <div className={styles.overview}>
      <FailureBanner instance={instance} />
      <BootSection instance={instance} boots={details?.boots ?? []} />
      <div className={styles.columns}>
        <div>
          <Section title={say('overview.facts')}>
            <FactList instance={instance} details={details} />
          </Section>
        </div>
        <div>
          <Section title={say('overview.confinement')}>
            <ConfinementList instance={keyOf(instance)} layers={details?.confinement ?? []} />
          </Section>
        </div>
      </div>
    </div>
  );
}
