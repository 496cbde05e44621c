// SPDX-License-Identifier: MIT
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatBytes, sentences } from '../../lib/format.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { launchStrings as strings } from './strings.ts';
import styles from './ImageCard.module.css';

interface ImageCardProps {
  readonly entry: CatalogueEntry;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onLaunch: () => void;
}

/** One image of the catalogue: choose it, or launch it as it is. */
export function ImageCard({ entry, isChosen, onChoose, onLaunch }: ImageCardProps) {
  const image = useBerth((state) => state.vault.find((each: VaultImage) => each.fingerprint === entry.fingerprint));
  const place = entry.fingerprint === undefined ? (entry.cost ?? '') : [strings.inVault, image === undefined ? undefined : formatBytes(image.fileBytes)].filter(Boolean).join(', ');
  return (
    <div className={classNames(styles.card, isChosen && styles.chosen)}>
      <button type="button" className={styles.choose} aria-pressed={isChosen} data-testid={`launch-image-${entry.alias}`} onClick={onChoose} aria-label={`${entry.title}, ${entry.alias}`} />
      <div className={styles.title}><h2>{entry.title}</h2><code>{entry.alias}</code></div>
      <p className={styles.text}>{sentences(entry.description)}</p>
      <div className={styles.foot}>
        <span className={styles.place}>{[`${entry.os} ${entry.release}`.trim(), entry.architecture, place].filter(Boolean).join(' · ')}</span>
        <span className={styles.now}><Button size="small" hint={strings.oneClickHint} onPress={onLaunch} data-testid={`launch-now-${entry.alias}`}>{strings.oneClick}</Button></span>
      </div>
    </div>
  );
}
