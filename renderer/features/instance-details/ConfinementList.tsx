// SPDX-License-Identifier: MIT
import { CircleHelp, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { ConfinementLayer } from '#contract/security.ts';
import { classNames } from '../../lib/class-names.ts';
import { detailsStrings as strings } from './strings.ts';
import styles from './OverviewTab.module.css';

const icons = { on: ShieldCheck, off: ShieldOff, unavailable: ShieldAlert, unknown: CircleHelp } as const;

/** The layers around the machine with what was measured of each. */
export function ConfinementList({ layers }: { readonly layers: readonly ConfinementLayer[] }) {
  if (layers.length === 0) return <p className={styles.muted}>{strings.confinementIdle}</p>;
  return (
    <>
      <p className={styles.muted}>{strings.confinementNote}</p>
      <ul>
        {layers.map((layer) => {
          const Icon = icons[layer.state];
          const [title, meaning] = strings.layers[layer.layer];
          return (
            <li key={layer.layer} className={classNames(styles.layer, styles[layer.state])}>
              <Icon aria-hidden="true" />
              <h3>{title}</h3>
              <span className={styles.state}>{strings.layerStates[layer.state]}</span>
              <p>{meaning}{layer.evidence === '' ? '' : ` — ${layer.evidence}`}</p>
            </li>
          );
        })}
      </ul>
    </>
  );
}
