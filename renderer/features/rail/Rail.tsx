// SPDX-License-Identifier: MIT
import { Activity, HardDrive, Layers, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import { imagesAddress, launchAddress } from '../../lib/addresses.ts';
import { classNames } from '../../lib/class-names.ts';
import { useBerth } from '../../store/index.ts';
import { Logo } from '../../ui/Logo.tsx';
import { LinkStatus } from './LinkStatus.tsx';
import styles from './Rail.module.css';

/** The way between screens, and the state of the helper below. */
export function Rail() {
  const host = useHost();
  const instances = useBerth(
    (state) => Object.values(state.instances).filter((instance) => instance.state !== 'deleted').length,
  );
  const running = useBerth(
    (state) => Object.values(state.operations).filter((operation) => operation.state === 'running').length,
  );
  return (
    <aside className={styles.rail}>
      <div className={styles.brand}>
        <Logo size={22} />
        <span translate="no">{'Berth'}</span>
      </div>
      <nav className={styles.nav} aria-label={say('rail.navigation')}>
        <Item
          to="/"
          id="instances"
          label={say('common.screen-instances')}
          icon={<Layers />}
          count={instances}
          also={[`/${host}/instances`, launchAddress(host)]}
        />
        <Item to={imagesAddress(host)} id="images" label={say('common.screen-images')} icon={<HardDrive />} />
        <Item to="/activity" id="activity" label={say('common.screen-activity')} icon={<Activity />} count={running} />
        <Item to="/settings" id="settings" label={say('common.screen-settings')} icon={<Settings />} />
      </nav>
      <LinkStatus />
    </aside>
  );
}

interface ItemProps {
  readonly to: string;
  readonly id: string;
  readonly label: string;
  readonly icon: ReactNode;
  readonly count?: number;
  /** Other addresses that belong to this entry. */
  readonly also?: readonly string[];
}

function Item({ to, id, label, icon, count = 0, also = [] }: ItemProps) {
  const [location] = useLocation();
  const isCurrent = location === to || also.some((prefix) => location.startsWith(prefix));
  return (
    <Link
      to={to}
      data-testid={`nav-${id}`}
      title={label}
      aria-current={isCurrent ? 'page' : undefined}
      className={classNames(styles.item, isCurrent && styles.current)}
    >
      {icon}
      <span className={styles.label}>{label}</span>
      {count > 0 ? <span className={styles.count}>{count}</span> : null}
    </Link>
  );
}
