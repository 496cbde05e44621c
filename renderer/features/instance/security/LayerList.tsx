// SPDX-License-Identifier: MIT
import { CircleHelp, Shield, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { ConfinementLayer } from '#contract/security.ts';
import { classNames } from '../../../lib/class-names.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { iconOf } from '../../../lib/icon-of.ts';
import { Section } from '../../../ui/Screen.tsx';
import { layerWords } from './layer-words.ts';
import { securityStrings } from './strings.ts';
import styles from './SecurityTab.module.css';

const strings = securityStrings.layers;
const icons = { on: ShieldCheck, off: ShieldOff, unavailable: ShieldAlert, unknown: CircleHelp } as const;

const known = Object.keys(strings.names) as readonly ConfinementLayer['layer'][];

/**
 * Each layer around the machine: what it does, whether it holds, and what was measured; while nothing runs, what there
 * will be.
 */
export function LayerList({ layers }: { readonly layers: readonly ConfinementLayer[] }) {
  return (
    <Section title={strings.title}>
      <p className={styles.intro}>{layers.length === 0 ? strings.idle : strings.text}</p>
      <ul className={styles.layers}>
        {layers.length === 0
          ? known.map((layer) => <Layer key={layer} layer={layer} />)
          : layers.map((measured) => <Layer key={measured.layer} layer={measured.layer} measured={measured} />)}
      </ul>
    </Section>
  );
}

function Layer({
  layer,
  measured,
}: {
  readonly layer: ConfinementLayer['layer'];
  readonly measured?: ConfinementLayer;
}) {
  const Icon = measured === undefined ? Shield : iconOf(icons, measured.state);
  const [title, meaning] = layerWords(layer);
  return (
    <li
      className={classNames(measured !== undefined && styles[measured.state])}
      data-testid={`layer-${layer}`}
      data-state={measured?.state}
    >
      <Icon size={18} aria-hidden="true" />
      <h3>{title}</h3>
      {measured === undefined ? null : (
        <span className={styles.layerState}>{wordIn(strings.states, measured.state)}</span>
      )}
      <p>{meaning}</p>
      {measured === undefined ? null : (
        <p className={styles.evidence}>
          {strings.measured} <code>{measured.evidence}</code>
        </p>
      )}
    </li>
  );
}
