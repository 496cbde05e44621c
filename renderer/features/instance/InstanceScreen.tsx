// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { useBerth } from '../../store/index.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { GonePage } from './GonePage.tsx';
import { InstanceHeader } from './InstanceHeader.tsx';
import type { InstanceTab } from './instance-tab.ts';
import { instanceStrings as strings } from './strings.ts';
import styles from './InstanceScreen.module.css';

interface InstanceScreenProps {
  readonly name: string;
  /** The id of the tab that is open. */
  readonly tab: string;
  readonly tabs: readonly InstanceTab[];
}

/** One instance: what it is, and what can be done with it, a tab each. */
export function InstanceScreen({ name, tab, tabs }: InstanceScreenProps) {
  const instance = useBerth((state) => state.instances[name]);
  const [, navigate] = useLocation();
  if (instance === undefined) return <GonePage name={name} />;
  return (
    <main className={styles.screen} data-instance={name}>
      <InstanceHeader instance={instance} />
      <Tabs
        label={strings.tabsLabel}
        selected={tab}
        onSelect={(id) => navigate(`/instances/${name}/${id}`, { replace: true })}
        tabs={tabs
          .filter((each) => each.isShown(instance))
          .map(({ id, title, component: Content, noteOf }) => ({
            id,
            label: title,
            note: noteOf?.(instance),
            content: <Content instance={instance} />,
          }))}
      />
    </main>
  );
}
