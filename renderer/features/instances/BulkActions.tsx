// SPDX-License-Identifier: MIT
import { X } from 'lucide-react';
import { partsOf, type InstanceKey } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { actOnAll } from '../../store/commands.ts';
import { setView, useBerth } from '../../store/index.ts';
import { instanceVerbs, verbs } from '#contract/verbs.ts';
import { actionLine, actionsOf, labelOf } from '../../lib/instance-actions.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import styles from './BulkActions.module.css';

const nameOf = (key: InstanceKey): string => partsOf(key).name;
const inBulk = instanceVerbs.filter((verb) => verbs[verb].isInBulk);

/** Actions on all selected instances; each acts on those that can take it and says on how many. */
export function BulkActions() {
  const selected = useBerth((state) => state.selected);
  const instances = useBerth((state) => state.instances);
  const keys = [...selected].filter((key) => instances[key] !== undefined);
  return (
    <div className={styles.bar} role="toolbar" aria-label={say('instances.selected', { count: keys.length })}>
      <span className={styles.count}>{say('instances.selected', { count: keys.length })}</span>
      {inBulk.map((action) => {
        const able = keys.filter((key) => actionsOf(instances[key]!).has(action));
        return (
          <Button
            key={action}
            size="small"
            tone={verbs[action].isDanger ? 'danger' : 'plain'}
            isDisabled={able.length === 0}
            hint={<code>{actionLine(action, able.map(nameOf))}</code>}
            onPress={() => void actOnAll(action, able)}
          >
            {able.length === keys.length || able.length === 0
              ? labelOf(action)
              : say('instances.bulk-action', { action: labelOf(action), count: able.length })}
          </Button>
        );
      })}
      <IconButton
        label={say('instances.clear-selection')}
        icon={<X />}
        onPress={() => setView({ selected: new Set() })}
      />
    </div>
  );
}
