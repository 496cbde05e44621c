// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { useBerth } from '../../store/index.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { ConsoleTab } from './ConsoleTab.tsx';
import { DetailsHeader } from './DetailsHeader.tsx';
import { GonePage } from './GonePage.tsx';
import { OverviewTab } from './OverviewTab.tsx';
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
        label={strings.tabsLabel} selected={tab} onSelect={(id) => navigate(`/instances/${name}/${id}`, { replace: true })}
        tabs={[
          { id: 'overview', label: strings.tabs.overview, content: <OverviewTab instance={instance} /> },
          { id: 'console', label: strings.tabs.console, content: <ConsoleTab instance={instance} /> },
          { id: 'shell', label: strings.tabs.shell, content: <ShellTab instance={instance} /> },
          { id: 'shares', label: strings.tabs.shares, content: <SharesTab instance={instance} /> },
          { id: 'terminal', label: strings.tabs.terminal, content: <TerminalTab name={name} /> },
        ]}
      />
    </main>
  );
}
