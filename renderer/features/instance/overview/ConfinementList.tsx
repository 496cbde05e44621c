// SPDX-License-Identifier: MIT
import { CircleHelp, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import { Link } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../../lib/addresses.ts';
import type { InstanceKey } from '#contract/host-keys.ts';
import type { ConfinementLayer } from '#contract/security.ts';
import { classNames } from '../../../lib/class-names.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { iconOf } from '../../../lib/icon-of.ts';
import { layerWords } from '../security/layer-words.ts';
import styles from './OverviewTab.module.css';

const icons = { on: ShieldCheck, off: ShieldOff, unavailable: ShieldAlert, unknown: CircleHelp } as const;

/** The layers around the machine at a glance; the Security page has all of it. */
export function ConfinementList({
  instance,
  layers,
}: {
  readonly instance: InstanceKey;
  readonly layers: readonly ConfinementLayer[];
}) {
  const more = (
    <Link to={instanceAddress(instance, 'security')} replace>
      {say('overview.confinement-more')}
    </Link>
  );
  if (layers.length === 0)
    return (
      <p className={styles.muted}>
        {say('overview.confinement-idle')} {more}
      </p>
    );
  return (
    <>
      <p className={styles.muted}>
        {say('overview.confinement-note')} {more}
      </p>
      <ul>
        {layers.map(({ layer, state, evidence }) => {
          const Icon = iconOf(icons, state);
          return (
            <li key={layer} className={classNames(styles.layer, styles[state])}>
              <Icon aria-hidden="true" />
              <h3>{layerWords(layer)[0]}</h3>
              <span className={styles.state}>{wordIn('security.layer-state', state)}</span>
              {evidence === '' ? null : <p>{evidence}</p>}
            </li>
          );
        })}
      </ul>
    </>
  );
}
