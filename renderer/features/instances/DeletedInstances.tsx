// SPDX-License-Identifier: MIT
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { formatAgo, formatBytes } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { actionLine, labelOf } from '../../lib/instance-actions.ts';
import { act } from '../../store/commands.ts';
import { setView } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './DeletedInstances.module.css';

/** The bin: back, or away for good, which alone asks first. */
export function DeletedInstances({ instances }: { readonly instances: readonly HostInstance[] }) {
  const now = useNow(30_000);
  return (
    <section className={styles.bin} aria-label={say('instances.deleted')}>
      <h2>{say('instances.deleted')}</h2>
      <ul>
        {instances.map((instance) => (
          <li
            key={keyOf(instance)}
            data-host={instance.host}
            data-instance={instance.name}
            data-testid={`deleted-${instance.name}`}
          >
            <span className={styles.name} translate="no">
              {instance.name}
            </span>
            <span className={styles.soft}>
              {[
                instance.image,
                instance.diskBytes === undefined ? undefined : formatBytes(instance.diskBytes),
                instance.deletedAt === undefined
                  ? undefined
                  : say('instances.deleted-ago', { ago: formatAgo(instance.deletedAt, now) }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <Button
              size="small"
              data-testid={`recover-${instance.name}`}
              isDisabled={!instance.isOwn || instance.operation !== undefined}
              hint={<code>{actionLine('recover', [instance.name])}</code>}
              onPress={() => void act('recover', keyOf(instance))}
            >
              {labelOf('recover')}
            </Button>
            <Button
              size="small"
              tone="quiet"
              data-testid={`purge-${instance.name}`}
              isDisabled={!instance.isOwn || instance.operation !== undefined}
              hint={<code>{actionLine('purge', [instance.name])}</code>}
              onPress={() => setView({ purging: keyOf(instance) })}
            >
              {labelOf('purge')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
