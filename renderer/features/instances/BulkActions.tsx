// SPDX-License-Identifier: MIT
import { X } from 'lucide-react';
import { actOnAll } from '../../store/commands.ts';
import { setView, useBerth } from '../../store/index.ts';
import { instanceVerbs, verbs } from '#contract/verbs.ts';
import { actionLine, actionsOf, labelOf } from '../../lib/instance-actions.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { instancesStrings as strings } from './strings.ts';
import styles from './BulkActions.module.css';

const inBulk = instanceVerbs.filter((verb) => verbs[verb].isInBulk);

/** Actions on all selected instances; each acts on those that can take it and says on how many. */
export function BulkActions() {
  const selected = useBerth((state) => state.selected);
  const instances = useBerth((state) => state.instances);
  const names = [...selected].filter((name) => instances[name] !== undefined);
  return (
    <div className={styles.bar} role="toolbar" aria-label={strings.selected(names.length)}>
      <span className={styles.count}>{strings.selected(names.length)}</span>
      {inBulk.map((action) => {
        const able = names.filter((name) => actionsOf(instances[name]!).has(action));
        return (
          <Button
            key={action}
            size="small"
            tone={verbs[action].isDanger ? 'danger' : 'plain'}
            isDisabled={able.length === 0}
            hint={<code>{actionLine(action, able)}</code>}
            onPress={() => void actOnAll(action, able)}
          >
            {able.length === names.length || able.length === 0 ? labelOf(action) : `${labelOf(action)} ${able.length}`}
          </Button>
        );
      })}
      <IconButton label={strings.clearSelection} icon={<X />} onPress={() => setView({ selected: new Set() })} />
    </div>
  );
}
