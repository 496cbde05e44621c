// SPDX-License-Identifier: MIT
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { parseOwners } from './parse-owners.ts';
import type { ShareOptions } from './share-form.ts';
import { shareStrings as strings } from './strings.ts';
import styles from './ShareSheet.module.css';

/** What a share seldom needs: whose files are whose, by what it goes, whether changes are told. */
export function MoreShareOptions({
  options,
  onChange,
}: {
  readonly options: ShareOptions;
  readonly onChange: (options: ShareOptions) => void;
}) {
  const set = (part: Partial<ShareOptions>): void => onChange({ ...options, ...part });
  const errorOf = (text: string): string | undefined =>
    parseOwners(text) === undefined ? strings.numbersError : undefined;
  return (
    <details className={styles.more}>
      <summary data-testid="share-more">{strings.more}</summary>
      <div>
        <div className={styles.group}>
          <Segments
            label={strings.owners}
            value={options.owners}
            onChange={(owners) => set({ owners })}
            options={optionsOf(strings.ownersKinds)}
          />
          {options.owners === 'user' ? (
            <p className={styles.note}>{strings.ownersNote}</p>
          ) : (
            <>
              <div className={styles.pairs}>
                <TextField
                  label={strings.users}
                  value={options.users}
                  onChange={(users) => set({ users })}
                  error={errorOf(options.users)}
                  placeholder={strings.numbersHint}
                  isMono
                  testId="share-users"
                />
                <TextField
                  label={strings.groups}
                  value={options.groups}
                  onChange={(groups) => set({ groups })}
                  error={errorOf(options.groups)}
                  placeholder={strings.numbersHint}
                  isMono
                  testId="share-groups"
                />
              </div>
              <p className={styles.note}>{strings.numbersNote}</p>
            </>
          )}
        </div>
        <Segments
          label={strings.type}
          value={options.type}
          onChange={(type) => set({ type })}
          options={optionsOf(strings.types)}
        />
        <div className={styles.group}>
          <Segments
            label={strings.notify}
            value={options.notify}
            onChange={(notify) => set({ notify })}
            options={optionsOf(strings.notifies)}
          />
          <p className={styles.note}>{strings.notifyNote}</p>
        </div>
      </div>
    </details>
  );
}

function optionsOf<Key extends string>(
  labels: Readonly<Record<Key, string>>,
): { readonly value: Key; readonly label: string }[] {
  return (Object.keys(labels) as Key[]).map((value) => ({ value, label: labels[value] }));
}
