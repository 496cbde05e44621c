// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { InstanceSummary } from '#contract/instances.ts';
import { verbs } from '#contract/verbs.ts';
import { formatAgo, formatBytes } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { actionLine, labelOf } from '../../lib/instance-actions.ts';
import { act } from '../../store/commands.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { instancesStrings as strings } from './strings.ts';
import styles from './DeletedInstances.module.css';

/** The bin: back, or away for good, which alone asks first. */
export function DeletedInstances({ instances }: { readonly instances: readonly InstanceSummary[] }) {
  const [purging, setPurging] = useState<string | undefined>();
  const now = useNow(30_000);
  const purge = (): void => {
    if (purging !== undefined) void act('purge', purging);
    setPurging(undefined);
  };
  return (
    <section className={styles.bin} aria-label={strings.deleted}>
      <h2>{strings.deleted}</h2>
      <ul>
        {instances.map((instance) => (
          <li key={instance.name} data-instance={instance.name} data-testid={`deleted-${instance.name}`}>
            <span className={styles.name}>{instance.name}</span>
            <span className={styles.soft}>
              {[
                instance.image,
                instance.diskBytes === undefined ? undefined : formatBytes(instance.diskBytes),
                instance.deletedAt === undefined ? undefined : strings.deletedAgo(formatAgo(instance.deletedAt, now)),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <Button
              size="small"
              data-testid={`recover-${instance.name}`}
              isDisabled={!instance.isOwn || instance.operation !== undefined}
              hint={<code>{actionLine('recover', [instance.name])}</code>}
              onPress={() => void act('recover', instance.name)}
            >
              {labelOf('recover')}
            </Button>
            <Button
              size="small"
              tone="quiet"
              data-testid={`purge-${instance.name}`}
              isDisabled={!instance.isOwn || instance.operation !== undefined}
              hint={<code>{actionLine('purge', [instance.name])}</code>}
              onPress={() => setPurging(instance.name)}
            >
              {labelOf('purge')}
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        title={strings.purgeTitle(purging ?? '')}
        role="alertdialog"
        isOpen={purging !== undefined}
        onClose={() => setPurging(undefined)}
        footer={
          <>
            <Button onPress={() => setPurging(undefined)} autoFocus>
              {strings.cancel}
            </Button>
            <Button tone="danger" data-testid="purge-confirm" onPress={purge}>
              {verbs.purge.words.label}
            </Button>
          </>
        }
      >
        <p>{strings.purgeText}</p>
      </Dialog>
    </section>
  );
}
