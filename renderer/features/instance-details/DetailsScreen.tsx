// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import type { InstanceSummary } from '#contract/instances.ts';
import { useBerth } from '../../store/index.ts';
import { Tabs, type TabNote } from '../../ui/Tabs.tsx';
import { ConsoleTab } from './ConsoleTab.tsx';
import { DetailsHeader } from './DetailsHeader.tsx';
import { GonePage } from './GonePage.tsx';
import { OverviewTab } from './OverviewTab.tsx';
import { SecurityTab } from './security/SecurityTab.tsx';
import { SharesTab } from './SharesTab.tsx';
import { ShellTab } from './ShellTab.tsx';
import { TerminalTab } from './TerminalTab.tsx';
import { detailsStrings as strings } from './strings.ts';
import styles from './DetailsScreen.module.css';

/** One instance: what it is, its console, its shells. */
export function DetailsScreen({ name, tab }: { readonly name: string; readonly tab: string }) {
  const instance = useBerth((state) => state.instances[name]);
  const [, navigate] = useLocation();
  if (instance === undefined) return <GonePage name={name} />;
  return (
    <main className={styles.screen} data-instance={name}>
      <DetailsHeader instance={instance} />
      <Tabs
        label={strings.tabsLabel}
        selected={tab}
        onSelect={(id) => navigate(`/instances/${name}/${id}`, { replace: true })}
        tabs={[
          { id: 'overview', label: strings.tabs.overview, content: <OverviewTab instance={instance} /> },
          { id: 'console', label: strings.tabs.console, content: <ConsoleTab instance={instance} /> },
          { id: 'shell', label: strings.tabs.shell, content: <ShellTab instance={instance} /> },
          { id: 'shares', label: strings.tabs.shares, content: <SharesTab instance={instance} /> },
          {
            id: 'security',
            label: strings.tabs.security,
            note: waiting(instance),
            content: <SecurityTab instance={instance} />,
          },
          { id: 'terminal', label: strings.tabs.terminal, content: <TerminalTab name={name} /> },
        ]}
      />
    </main>
  );
}

/** How many refused things wait for a decision. */
function waiting({ denials }: InstanceSummary): TabNote | undefined {
  return denials === undefined || denials.undecided === 0
    ? undefined
    : { text: String(denials.undecided), label: strings.waiting(denials.undecided) };
}
