// SPDX-License-Identifier: MIT
import { CircleHelp, Shield, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { ConfinementLayer } from '#contract/security.ts';
import type { KnownOf } from '#contract/open-enum.ts';
import { say } from '#messages/say.ts';
import { classNames } from '../../../lib/class-names.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { iconOf } from '../../../lib/icon-of.ts';
import { Section } from '../../../ui/Screen.tsx';
import { Said } from '../../../ui/Said.tsx';
import { layerWords } from './layer-words.ts';
import styles from './SecurityTab.module.css';

const icons = { on: ShieldCheck, off: ShieldOff, unavailable: ShieldAlert, unknown: CircleHelp } as const;

const known: readonly KnownOf<ConfinementLayer['layer']>[] = [
  'apparmor',
  'uid',
  'capabilities',
  'seccomp',
  'namespaces',
  'private-dev',
  'devices',
  'limits',
];

/**
 * Each layer around the machine: what it does, whether it holds, and what was measured; while nothing runs, what there
 * will be.
 */
export function LayerList({ layers }: { readonly layers: readonly ConfinementLayer[] }) {
  return (
    <Section title={say('security.layers')}>
      <p className={styles.intro}>{layers.length === 0 ? say('security.layers-idle') : say('security.layers-text')}</p>
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
        <span className={styles.layerState}>{wordIn('security.layer-state', measured.state)}</span>
      )}
      <p>{meaning}</p>
      {measured === undefined ? null : (
        <p className={styles.evidence}>
          <Said
            id="security.measured"
            values={{ evidence: measured.evidence }}
            parts={{ code: (evidence) => <code>{evidence}</code> }}
          />
        </p>
      )}
    </li>
  );
}
