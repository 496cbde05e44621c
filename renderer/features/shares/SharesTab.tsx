// SPDX-License-Identifier: MIT
import { FileInput, FileOutput, FolderPlus } from 'lucide-react';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { chooseAndCopyIn, chooseAndShare } from '../../store/copies.ts';
import { setView } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { Section } from '../../ui/Screen.tsx';
import { MountRow } from './MountRow.tsx';
import styles from './SharesTab.module.css';

/**
 * The folders of this computer that are in the instance, with how each of them does; and copying, for what need not
 * stay in step.
 */
export function SharesTab({ instance }: { readonly instance: HostInstance }) {
  const { name, mounts = [] } = instance;
  const key = keyOf(instance);
  const isRunning = instance.state === 'running';
  const cannotCopy = isRunning ? {} : { isDisabled: true, hint: say('shares.copy-stopped') };
  return (
    <>
      <Section
        title={say('shares.title')}
        aside={
          <Button icon={<FolderPlus />} onPress={() => void chooseAndShare(key)} data-testid="share-add">
            {say('shares.add')}
          </Button>
        }
      >
        {mounts.length === 0 ? (
          <p className={styles.soft}>
            {say('shares.none-text', { name })} <code>{`berth mount FOLDER ${name}`}</code>
          </p>
        ) : (
          <ul className={styles.list}>
            {mounts.map((mount) => (
              <MountRow key={mount.id} instance={instance} mount={mount} />
            ))}
          </ul>
        )}
      </Section>
      <Section
        title={say('shares.copy-title')}
        aside={
          <div className={styles.buttons}>
            <Button
              icon={<FileInput />}
              data-testid="copy-in"
              {...cannotCopy}
              onPress={() => void chooseAndCopyIn(key)}
            >
              {say('shares.copy-in')}
            </Button>
            <Button
              icon={<FileOutput />}
              data-testid="copy-out-open"
              {...cannotCopy}
              onPress={() => setView({ copyOutOf: key })}
            >
              {say('shares.copy-out')}
            </Button>
          </div>
        }
      >
        <p className={styles.soft}>
          {isRunning ? (
            <>
              {say('shares.copy-text')} <code>{`berth transfer FILE ${name}:`}</code>
            </>
          ) : (
            say('shares.copy-stopped')
          )}
        </p>
      </Section>
    </>
  );
}
