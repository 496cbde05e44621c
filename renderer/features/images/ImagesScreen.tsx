// SPDX-License-Identifier: MIT
import { Download, Eraser, Pin, PinOff, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import type { VaultImage } from '#contract/images.ts';
import { request } from '../../api/client.ts';
import { formatAgo, formatBytes, shortFingerprint } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { wordIn } from '../../lib/later-words.ts';
import { attempt } from '../../store/attempt.ts';
import { notify } from '../../store/index.ts';
import { importDropped } from '../../store/import-dropped.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FileDrop } from '../../ui/FileDrop.tsx';
import { Screen, Section } from '../../ui/Screen.tsx';
import { Buildable } from './Buildable.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { UnderWay } from './UnderWay.tsx';
import { UsedBy } from './UsedBy.tsx';
import styles from './ImagesScreen.module.css';

/** The vault, and what can be brought into it. */
export function ImagesScreen() {
  const host = useHost();
  const vault = useHostPart((part) => part.vault);
  const [isImporting, setImporting] = useState(false);
  const [removing, setRemoving] = useState<VaultImage | undefined>();
  const remove = async (image: VaultImage): Promise<void> => {
    setRemoving(undefined);
    await attempt(
      { id: `remove-${image.fingerprint}`, line: `berth images remove ${wordFor(image)}` },
      async () => await request(host, 'images.remove', { image: image.fingerprint }),
    );
  };
  const prune = async (): Promise<void> => {
    await attempt({ id: 'prune', line: 'berth images prune' }, async () => {
      const { removed, freedBytes } = await request(host, 'images.prune', { isEverything: false });
      notify({
        id: 'prune',
        tone: 'good',
        title: say('images.pruned', { count: removed.length, size: formatBytes(freedBytes) }),
      });
    });
  };
  return (
    <Screen
      title={say('common.screen-images')}
      actions={
        <>
          <Button
            icon={<Eraser />}
            hint={say('images.prune-hint')}
            data-testid="image-prune"
            onPress={() => void prune()}
          >
            {say('images.prune')}
          </Button>
          <Button icon={<Download />} data-testid="image-import" onPress={() => setImporting(true)}>
            {say('images.import')}
          </Button>
        </>
      }
    >
      <FileDrop hint={say('images.drop-to-import')} onDrop={importDropped}>
        <Section title={say('images.vault')}>
          <p className={styles.soft}>
            {vault.length === 0
              ? say('images.empty')
              : say('images.vault-text', {
                  size: formatBytes(vault.reduce((sum, image) => sum + (image.diskUseBytes ?? image.fileBytes), 0)),
                })}
          </p>
          <UnderWay />
          {vault.length === 0 ? null : <VaultTable vault={vault} onRemove={setRemoving} />}
        </Section>
        <Buildable />
      </FileDrop>
      {isImporting ? <ImportDialog onClose={() => setImporting(false)} /> : null}
      <Dialog
        title={say('images.remove-title', { title: removing?.title ?? '' })}
        role="alertdialog"
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        footer={
          <>
            <Button autoFocus onPress={() => setRemoving(undefined)}>
              {say('common.cancel')}
            </Button>
            <Button tone="danger" onPress={() => (removing === undefined ? undefined : void remove(removing))}>
              {say('images.remove')}
            </Button>
          </>
        }
      >
        <p>{say('images.remove-text')}</p>
      </Dialog>
    </Screen>
  );
}

/** Pin and verify; what comes of a verification is told in a notice. */
function UpkeepButtons({ image }: { readonly image: VaultImage }) {
  const host = useHost();
  const isPinned = image.isPinned === true;
  const pinLine = `berth images pin ${isPinned ? '--remove ' : ''}${wordFor(image)}`;
  const verifyLine = `berth images verify ${wordFor(image)}`;
  return (
    <>
      <IconButton
        label={say(isPinned ? 'images.unpin' : 'images.pin', { title: image.title })}
        icon={isPinned ? <PinOff /> : <Pin />}
        onPress={() =>
          void attempt(
            { id: pinLine, line: pinLine },
            async () => await request(host, 'images.pin', { image: image.fingerprint, isPinned: !isPinned }),
          )
        }
      />
      <IconButton
        label={say('images.verify', { title: image.title })}
        icon={<ShieldCheck />}
        onPress={() =>
          void attempt(
            { id: verifyLine, line: verifyLine },
            async () => await request(host, 'images.verify', { image: image.fingerprint }),
          )
        }
      />
    </>
  );
}

/** What the command line calls it. */
function wordFor({ aliases, fingerprint }: VaultImage): string {
  return aliases[0] ?? shortFingerprint(fingerprint);
}

function VaultTable({
  vault,
  onRemove,
}: {
  readonly vault: readonly VaultImage[];
  readonly onRemove: (image: VaultImage) => void;
}) {
  const now = useNow(60_000);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={say('images.images')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{say('images.column-title')}</th>
            <th>{say('images.column-alias')}</th>
            <th>{say('images.column-origin')}</th>
            <th className={styles.number}>{say('images.column-size')}</th>
            <th className={styles.number}>{say('images.column-virtual')}</th>
            <th>{say('images.column-used')}</th>
            <th>{say('images.column-last')}</th>
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {vault.map((image) => (
            <tr key={image.fingerprint}>
              <th scope="row">
                <span className={styles.clip} title={image.title} translate="no">
                  {image.title}
                </span>
                <code title={image.fingerprint}>{shortFingerprint(image.fingerprint)}</code>
              </th>
              <td translate="no">{image.aliases.join(', ')}</td>
              <td>
                {wordIn('images.origin', image.origin)}
                {image.verification === undefined ? null : (
                  <span className={styles.vouch}>{wordIn('images.verified', image.verification)}</span>
                )}
              </td>
              <td className={styles.number}>{formatBytes(image.diskUseBytes ?? image.fileBytes)}</td>
              <td className={styles.number}>{formatBytes(image.virtualBytes)}</td>
              <td>
                <UsedBy names={image.usedBy} />
              </td>
              <td>
                {image.lastUsedAt === undefined ? say('images.never') : formatAgo(image.lastUsedAt, now)}
                {image.isPinned === true
                  ? ` · ${say('images.pinned')}`
                  : image.expiresAt === undefined
                    ? ''
                    : ` · ${say('images.expires', { day: image.expiresAt.slice(0, 10) })}`}
              </td>
              <td>
                <UpkeepButtons image={image} />
                <IconButton
                  label={
                    image.usedBy.length > 0
                      ? say('images.remove-in-use')
                      : say('images.remove-one', { title: image.title })
                  }
                  icon={<Trash2 />}
                  isDisabled={image.usedBy.length > 0}
                  onPress={() => onRemove(image)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
