// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useBerth } from '../../store/index.ts';
import { ConflictDialog } from './ConflictDialog.tsx';
import { TransferCard } from './TransferCard.tsx';
import styles from './Transfers.module.css';

/** Copies under way and those that ended, each as a card; the first that waits for an answer asks. */
export function Transfers() {
  const transfers = useBerth((state) => state.transfers).filter(({ isPutAway }) => !isPutAway);
  const asking = transfers.find((transfer) => transfer.conflict !== undefined);
  if (transfers.length === 0) return null;
  return (
    <section className={styles.list} aria-label={say('transfers.region')}>
      {transfers.map((transfer) => (
        <TransferCard key={transfer.id} transfer={transfer} />
      ))}
      {asking?.conflict === undefined ? null : (
        <ConflictDialog key={`${asking.id}-${asking.conflict.number}`} transfer={asking} conflict={asking.conflict} />
      )}
    </section>
  );
}
