// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { say } from '#messages/say.ts';
import { useBerth } from '../../store/index.ts';
import { NoticeCard } from './NoticeCard.tsx';
import styles from './Notices.module.css';

/**
 * What ended lately, at the bottom, clear of the buttons in the corners. Errors stay until they are
 * dismissed. `above` stands in the same column.
 */
export function Notices({ above }: { readonly above?: ReactNode }) {
  const notices = useBerth((state) => state.notices);
  return (
    <div className={styles.column}>
      {above}
      <section className={styles.region} aria-label={say('notices.region')} aria-live="polite">
        {notices.map((notice) => (
          <NoticeCard key={notice.id} notice={notice} />
        ))}
      </section>
    </div>
  );
}
