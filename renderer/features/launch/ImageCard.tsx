// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatBytes, sentences } from '../../lib/format.ts';
import { wordIn } from '../../lib/later-words.ts';
import { Button } from '../../ui/Button.tsx';
import { Select } from '../../ui/Select.tsx';
import styles from './ImageCard.module.css';

interface ImageCardProps {
  readonly entry: CatalogueEntry;
  /** The releases to choose from, this one among them. */
  readonly versions: readonly CatalogueEntry[];
  readonly onVersion: (alias: string) => void;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onLaunch: () => void;
}

/** One image of the catalogue: choose it, or launch it as it is. */
export function ImageCard({ entry, versions, isChosen, onVersion, onChoose, onLaunch }: ImageCardProps) {
  const image = useHostPart((part) => part.vault.find((each: VaultImage) => each.fingerprint === entry.fingerprint));
  const place =
    entry.fingerprint === undefined
      ? (entry.cost ?? (entry.downloadBytes === undefined ? '' : formatBytes(entry.downloadBytes)))
      : [say('launch.in-vault'), image === undefined ? undefined : formatBytes(image.fileBytes)]
          .filter(Boolean)
          .join(', ');
  return (
    <div className={classNames(styles.card, isChosen && styles.chosen)}>
      <button
        type="button"
        className={styles.choose}
        aria-pressed={isChosen}
        data-testid={`launch-image-${entry.alias}`}
        onClick={onChoose}
        aria-label={`${entry.title}, ${entry.alias}`}
        translate="no"
      />
      <div className={styles.title}>
        <h2 translate="no">{entry.title}</h2>
        <code>{entry.alias}</code>
      </div>
      <p className={styles.text}>
        {sentences(
          entry.description,
          entry.verification === undefined ? undefined : wordIn('images.verified', entry.verification),
        )}
      </p>
      <div className={styles.foot}>
        <span className={styles.place}>
          {[`${entry.os} ${entry.release}`.trim(), entry.architecture, place].filter(Boolean).join(' · ')}
        </span>
        <span className={styles.now}>
          {versions.length < 2 ? null : (
            <Select
              label={say('launch.version')}
              isLabelHidden
              value={entry.alias as string}
              options={versions.map((each) => ({ value: each.alias as string, label: each.release }))}
              onChange={onVersion}
            />
          )}
          <Button
            size="small"
            hint={say('launch.one-click-hint')}
            onPress={onLaunch}
            data-testid={`launch-now-${entry.alias}`}
          >
            {say('launch.one-click')}
          </Button>
        </span>
      </div>
    </div>
  );
}
