// SPDX-License-Identifier: MIT
import { ConsoleTab } from './features/instance/console/ConsoleTab.tsx';
import type { InstanceTab } from './features/instance/instance-tab.ts';
import { OverviewTab } from './features/instance/overview/OverviewTab.tsx';
import { SecurityTab } from './features/instance/security/SecurityTab.tsx';
import { waitingNote } from './features/instance/security/waiting-note.ts';
import { SettingsTab } from './features/instance/settings/SettingsTab.tsx';
import { ShellTab } from './features/instance/shell/ShellTab.tsx';
import { TerminalTab } from './features/instance/terminal/TerminalTab.tsx';
import { SharesTab } from './features/shares/SharesTab.tsx';

const always = (): boolean => true;

/** The tabs of an instance's screen, in order. A new one is a component and a row. */
export const instanceTabs: readonly InstanceTab[] = [
  { id: 'overview', title: 'overview.tab', component: OverviewTab, isShown: always },
  { id: 'console', title: 'console.tab', component: ConsoleTab, isShown: always },
  { id: 'shell', title: 'shell.tab', component: ShellTab, isShown: always },
  { id: 'shares', title: 'shares.tab', component: SharesTab, isShown: always },
  { id: 'security', title: 'security.tab', component: SecurityTab, isShown: always, noteOf: waitingNote },
  { id: 'settings', title: 'setup.tab', component: SettingsTab, isShown: ({ isOwn }) => isOwn },
  { id: 'terminal', title: 'terminal.tab', component: TerminalTab, isShown: always },
];
