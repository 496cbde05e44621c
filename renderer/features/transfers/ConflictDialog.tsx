// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { ConflictChoice, Transfer, TransferConflict } from '#contract/transfers.ts';
import { formatBytes, formatMoment } from '../../lib/format.ts';
import { answerConflict, cancelTransfer } from '../../store/copies.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { transfersStrings } from './strings.ts';
import styles from './Transfers.module.css';

const strings = transfersStrings.conflict;

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
  const answer = (choice: ConflictChoice): void =>
    void answerConflict({ id: transfer.id, conflict: conflict.number, choice, isForAll });
  return (
    <Dialog
      title={strings.title(path.slice(at + 1))}
      role="alertdialog"
      isOpen
      onClose={() => answer('skip')}
      footer={
        <>
          <span className={styles.left}>
            <Button tone="quiet" data-testid="conflict-stop" onPress={() => void cancelTransfer(transfer)}>
              {strings.stop}
            </Button>
          </span>
          <Button data-testid="conflict-skip" onPress={() => answer('skip')}>
            {strings.skip}
          </Button>
          <Button data-testid="conflict-keep-both" autoFocus onPress={() => answer('keep-both')}>
            {strings.keepBoth}
          </Button>
          <Button
            tone="primary"
            data-testid="conflict-replace"
            isDisabled={existing.isFolder || coming.isFolder}
            onPress={() => answer('replace')}
          >
            {strings.replace}
          </Button>
        </>
      }
    >
      <p className={styles.where}>
        {strings.text(path.slice(0, at) || '/', isIn ? strings.inInstance(transfer.instance) : strings.here)}
      </p>
      <dl className={styles.sides}>
        <Side
          label={isIn ? strings.instances(transfer.instance) : strings.yours}
          side={existing}
          isNewer={existing.modifiedAt > coming.modifiedAt}
        />
        <Side
          label={isIn ? strings.yours : strings.instances(transfer.instance)}
          side={coming}
          isNewer={coming.modifiedAt > existing.modifiedAt}
        />
      </dl>
      <CheckField isSelected={isForAll} onChange={setForAll} testId="conflict-all">
        {strings.all}
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
        <span>{side.isFolder ? strings.folder : formatBytes(side.bytes)}</span>
        <span className={styles.soft}>
          {strings.changed(formatMoment(new Date(side.modifiedAt).toISOString()))}
          {isNewer ? <em>{strings.newer}</em> : null}
        </span>
      </dd>
    </>
  );
}
