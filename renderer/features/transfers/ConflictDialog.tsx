// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { ConflictChoice, Transfer, TransferConflict } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { formatBytes, formatMoment } from '../../lib/format.ts';
import { answerConflict, cancelTransfer } from '../../store/copies.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import styles from './Transfers.module.css';

/** Asks what becomes of something that stands where something is to go. Closing it leaves that one out. */
export function ConflictDialog({
  transfer,
  conflict,
}: {
  readonly transfer: Transfer;
  readonly conflict: TransferConflict;
}) {
  const [isForAll, setForAll] = useState(false);
  const { path, existing, coming } = conflict;
  const isIn = transfer.direction === 'in';
  const at = path.lastIndexOf('/');
  const folder = path.slice(0, at) || '/';
  const answer = (choice: ConflictChoice): void =>
    void answerConflict({ id: transfer.id, conflict: conflict.number, choice, isForAll });
  return (
    <Dialog
      title={say('transfers.conflict-title', { name: path.slice(at + 1) })}
      role="alertdialog"
      isOpen
      onClose={() => answer('skip')}
      footer={
        <>
          <span className={styles.left}>
            <Button tone="quiet" data-testid="conflict-stop" onPress={() => void cancelTransfer(transfer)}>
              {say('transfers.conflict-stop')}
            </Button>
          </span>
          <Button data-testid="conflict-skip" onPress={() => answer('skip')}>
            {say('transfers.conflict-skip')}
          </Button>
          <Button data-testid="conflict-keep-both" autoFocus onPress={() => answer('keep-both')}>
            {say('transfers.conflict-keep-both')}
          </Button>
          <Button
            tone="primary"
            data-testid="conflict-replace"
            isDisabled={existing.isFolder || coming.isFolder}
            onPress={() => answer('replace')}
          >
            {say('transfers.conflict-replace')}
          </Button>
        </>
      }
    >
      <p className={styles.where}>
        {isIn
          ? say('transfers.conflict-text-in', { folder, instance: transfer.instance })
          : say('transfers.conflict-text-out', { folder })}
      </p>
      <dl className={styles.sides}>
        <Side
          label={
            isIn ? say('transfers.conflict-instances', { name: transfer.instance }) : say('transfers.conflict-yours')
          }
          side={existing}
          isNewer={existing.modifiedAt > coming.modifiedAt}
        />
        <Side
          label={
            isIn ? say('transfers.conflict-yours') : say('transfers.conflict-instances', { name: transfer.instance })
          }
          side={coming}
          isNewer={coming.modifiedAt > existing.modifiedAt}
        />
      </dl>
      <CheckField isSelected={isForAll} onChange={setForAll} testId="conflict-all">
        {say('transfers.conflict-all')}
      </CheckField>
    </Dialog>
  );
}

function Side({
  label,
  side,
  isNewer,
}: {
  readonly label: string;
  readonly side: TransferConflict['existing'];
  readonly isNewer: boolean;
}) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <span>{side.isFolder ? say('transfers.conflict-folder') : formatBytes(side.bytes)}</span>
        <span className={styles.soft}>
          {say('transfers.conflict-changed', { moment: formatMoment(new Date(side.modifiedAt).toISOString()) })}
          {isNewer ? <em>{say('transfers.conflict-newer')}</em> : null}
        </span>
      </dd>
    </>
  );
}
