// SPDX-License-Identifier: MIT
import { FileInput, FileOutput, FolderPlus } from 'lucide-react';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { chooseAndCopyIn, chooseAndShare } from '../../store/copies.ts';
import { setView } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { Section } from '../../ui/Screen.tsx';
import { MountRow } from './MountRow.tsx';
import { sharesTabStrings as strings } from './strings.ts';
import styles from './SharesTab.module.css';

/**
 * The folders of this computer that are in the instance, with how each of them does; and copying, for what need not
 * stay in step.
 */
export function SharesTab({ instance }: { readonly instance: HostInstance }) {
  const { name, mounts = [] } = instance;
  const key = keyOf(instance);
  const isRunning = instance.state === 'running';
  const cannotCopy = isRunning ? {} : { isDisabled: true, hint: strings.copyStopped };
  return (
    <>
      <Section
        title={strings.title}
        aside={
          <Button icon={<FolderPlus />} onPress={() => void chooseAndShare(key)} data-testid="share-add">
            {strings.add}
          </Button>
        }
      >
        {mounts.length === 0 ? (
          <p className={styles.soft}>
            {strings.noneText(name)} <code>{strings.mountLine(name)}</code>
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
        title={strings.copyTitle}
        aside={
          <div className={styles.buttons}>
            <Button
              icon={<FileInput />}
              data-testid="copy-in"
              {...cannotCopy}
              onPress={() => void chooseAndCopyIn(key)}
            >
              {strings.copyIn}
            </Button>
            <Button
              icon={<FileOutput />}
              data-testid="copy-out-open"
              {...cannotCopy}
              onPress={() => setView({ copyOutOf: key })}
            >
              {strings.copyOut}
            </Button>
          </div>
        }
      >
        <p className={styles.soft}>
          {isRunning ? (
            <>
              {strings.copyText} <code>{strings.transferLine(name)}</code>
            </>
          ) : (
            strings.copyStopped
          )}
        </p>
      </Section>
    </>
  );
}
