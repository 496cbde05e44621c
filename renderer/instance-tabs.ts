// SPDX-License-Identifier: MIT
import { ConsoleTab } from './features/instance/console/ConsoleTab.tsx';
import { consoleStrings } from './features/instance/console/strings.ts';
import type { InstanceTab } from './features/instance/instance-tab.ts';
import { OverviewTab } from './features/instance/overview/OverviewTab.tsx';
import { overviewStrings } from './features/instance/overview/strings.ts';
import { SecurityTab } from './features/instance/security/SecurityTab.tsx';
import { securityStrings } from './features/instance/security/strings.ts';
import { waitingNote } from './features/instance/security/waiting-note.ts';
import { ShellTab } from './features/instance/shell/ShellTab.tsx';
import { shellStrings } from './features/instance/shell/strings.ts';
import { terminalStrings } from './features/instance/terminal/strings.ts';
import { TerminalTab } from './features/instance/terminal/TerminalTab.tsx';
import { SharesTab } from './features/shares/SharesTab.tsx';
import { sharesTabStrings } from './features/shares/strings.ts';

const always = (): boolean => true;

/** The tabs of an instance's screen, in order. A new one is a component and a row. */
export const instanceTabs: readonly InstanceTab[] = [
  { id: 'overview', title: overviewStrings.tab, component: OverviewTab, isShown: always },
  { id: 'console', title: consoleStrings.tab, component: ConsoleTab, isShown: always },
  { id: 'shell', title: shellStrings.tab, component: ShellTab, isShown: always },
  { id: 'shares', title: sharesTabStrings.tab, component: SharesTab, isShown: always },
  { id: 'security', title: securityStrings.tab, component: SecurityTab, isShown: always, noteOf: waitingNote },
  { id: 'terminal', title: terminalStrings.tab, component: TerminalTab, isShown: always },
];
