// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components';
import styles from './Tabs.module.css';

/** A few characters beside a tab's name, and what they mean. */
export interface TabNote {
  readonly text: string;
  readonly label: string;
}

export interface TabEntry {
  readonly id: string;
  readonly label: string;
  readonly note?: TabNote | undefined;
  readonly content: ReactNode;
}

interface TabsProps {
  readonly label: string;
  readonly selected: string;
  readonly onSelect: (id: string) => void;
  readonly tabs: readonly TabEntry[];
}

/** Pages of one thing. */
export function Tabs({ label, selected, onSelect, tabs }: TabsProps) {
  return (
    <AriaTabs className={styles.tabs!} selectedKey={selected} onSelectionChange={(key) => onSelect(String(key))}>
      <TabList aria-label={label} className={styles.list!}>
        {tabs.map((tab) => (
          <Tab key={tab.id} id={tab.id} data-testid={`tab-${tab.id}`} className={styles.tab!}>
            {tab.label}
            {tab.note === undefined ? null : <Note {...tab.note} />}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className={styles.panel!}>
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}

function Note({ text, label }: TabNote) {
  return (
    <span className={styles.note} title={label}>
      <span aria-hidden="true">{text}</span>
      <span className={styles.hidden}>{`, ${label}`}</span>
    </span>
  );
}
