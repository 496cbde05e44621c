// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import type { HostId } from '#contract/hosts.ts';
import { instanceKey } from '#contract/host-keys.ts';
import { useBerth } from '../../store/index.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { GonePage } from './GonePage.tsx';
import { InstanceHeader } from './InstanceHeader.tsx';
import type { InstanceTab } from './instance-tab.ts';
import styles from './InstanceScreen.module.css';

interface InstanceScreenProps {
  readonly host: HostId;
  readonly name: string;
  /** The id of the tab that is open. */
  readonly tab: string;
  readonly tabs: readonly InstanceTab[];
}

/** One instance: what it is, and what can be done with it, a tab each. */
export function InstanceScreen({ host, name, tab, tabs }: InstanceScreenProps) {
  const key = instanceKey(host, name);
  const instance = useBerth((state) => state.instances[key]);
  const [, navigate] = useLocation();
  if (instance === undefined) return <GonePage host={host} name={name} />;
  return (
    <main className={styles.screen} data-host={host} data-instance={name}>
      <InstanceHeader instance={instance} />
      <Tabs
        label={say('instance.tabs-label')}
        selected={tab}
        onSelect={(id) => navigate(instanceAddress(key, id), { replace: true })}
        tabs={tabs
          .filter((each) => each.isShown(instance))
          .map(({ id, title, component: Content, noteOf }) => ({
            id,
            label: say(title),
            note: noteOf?.(instance),
            content: <Content instance={instance} />,
          }))}
      />
    </main>
  );
}
