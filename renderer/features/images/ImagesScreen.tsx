// SPDX-License-Identifier: MIT
import { Download, Eraser, Pin, PinOff, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
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
import { imagesStrings as strings } from './strings.ts';
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
      notify({ id: 'prune', tone: 'good', title: strings.pruned(removed.length, formatBytes(freedBytes)) });
    });
  };
  return (
    <Screen
      title={strings.title}
      actions={
        <>
          <Button icon={<Eraser />} hint={strings.pruneHint} data-testid="image-prune" onPress={() => void prune()}>
            {strings.prune}
          </Button>
          <Button icon={<Download />} data-testid="image-import" onPress={() => setImporting(true)}>
            {strings.import}
          </Button>
        </>
      }
    >
      <FileDrop hint={strings.dropToImport} onDrop={importDropped}>
        <Section title={strings.vault}>
          <p className={styles.soft}>
            {vault.length === 0
              ? strings.empty
              : strings.vaultText(
                  formatBytes(vault.reduce((sum, image) => sum + (image.diskUseBytes ?? image.fileBytes), 0)),
                )}
          </p>
          <UnderWay />
          {vault.length === 0 ? null : <VaultTable vault={vault} onRemove={setRemoving} />}
        </Section>
        <Buildable />
      </FileDrop>
      {isImporting ? <ImportDialog onClose={() => setImporting(false)} /> : null}
      <Dialog
        title={strings.removeTitle(removing?.title ?? '')}
        role="alertdialog"
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        footer={
          <>
            <Button autoFocus onPress={() => setRemoving(undefined)}>
              {strings.cancel}
            </Button>
            <Button tone="danger" onPress={() => (removing === undefined ? undefined : void remove(removing))}>
              {strings.remove}
            </Button>
          </>
        }
      >
        <p>{strings.removeText}</p>
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
        label={`${isPinned ? strings.unpin : strings.pin} ${image.title}`}
        icon={isPinned ? <PinOff /> : <Pin />}
        onPress={() =>
          void attempt(
            { id: pinLine, line: pinLine },
            async () => await request(host, 'images.pin', { image: image.fingerprint, isPinned: !isPinned }),
          )
        }
      />
      <IconButton
        label={`${strings.verify} ${image.title}`}
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
  const { columns } = strings;
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={strings.images}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{columns.title}</th>
            <th>{columns.alias}</th>
            <th>{columns.origin}</th>
            <th className={styles.number}>{columns.size}</th>
            <th className={styles.number}>{columns.virtual}</th>
            <th>{columns.used}</th>
            <th>{columns.last}</th>
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {vault.map((image) => (
            <tr key={image.fingerprint}>
              <th scope="row">
                <span className={styles.clip} title={image.title}>
                  {image.title}
                </span>
                <code title={image.fingerprint}>{shortFingerprint(image.fingerprint)}</code>
              </th>
              <td>{image.aliases.join(', ')}</td>
              <td>
                {wordIn(strings.origins, image.origin)}
                {image.verification === undefined ? null : (
                  <span className={styles.vouch}>{wordIn(strings.verifiedBy, image.verification)}</span>
                )}
              </td>
              <td className={styles.number}>{formatBytes(image.diskUseBytes ?? image.fileBytes)}</td>
              <td className={styles.number}>{formatBytes(image.virtualBytes)}</td>
              <td>
                <UsedBy names={image.usedBy} />
              </td>
              <td>
                {image.lastUsedAt === undefined ? strings.never : formatAgo(image.lastUsedAt, now)}
                {image.isPinned === true
                  ? ` · ${strings.pinned}`
                  : image.expiresAt === undefined
                    ? ''
                    : ` · ${strings.expires(image.expiresAt.slice(0, 10))}`}
              </td>
              <td>
                <UpkeepButtons image={image} />
                <IconButton
                  label={image.usedBy.length > 0 ? strings.removeInUse : `${strings.remove} ${image.title}`}
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
