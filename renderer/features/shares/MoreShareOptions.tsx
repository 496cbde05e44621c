// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { parseOwners } from './parse-owners.ts';
import type { ShareOptions } from './share-form.ts';
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
    parseOwners(text) === undefined ? say('share.numbers-error') : undefined;
  return (
    <details className={styles.more}>
      <summary data-testid="share-more">{say('share.more')}</summary>
      <div>
        <div className={styles.group}>
          <Segments
            label={say('share.owners')}
            value={options.owners}
            onChange={(owners) => set({ owners })}
            options={[
              { value: 'user', label: say('share.owners-user') },
              { value: 'numbers', label: say('share.owners-numbers') },
            ]}
          />
          {options.owners === 'user' ? (
            <p className={styles.note}>{say('share.owners-note')}</p>
          ) : (
            <>
              <div className={styles.pairs}>
                <TextField
                  label={say('share.users')}
                  value={options.users}
                  onChange={(users) => set({ users })}
                  error={errorOf(options.users)}
                  placeholder="1000:1000"
                  isMono
                  testId="share-users"
                />
                <TextField
                  label={say('share.groups')}
                  value={options.groups}
                  onChange={(groups) => set({ groups })}
                  error={errorOf(options.groups)}
                  placeholder="1000:1000"
                  isMono
                  testId="share-groups"
                />
              </div>
              <p className={styles.note}>{say('share.numbers-note')}</p>
            </>
          )}
        </div>
        <Segments
          label={say('share.type')}
          value={options.type}
          onChange={(type) => set({ type })}
          options={[
            { value: 'auto', label: say('share.method-auto') },
            ...(['virtiofs', 'sshfs', '9p'] as const).map((value) => ({ value, label: value })),
          ]}
        />
        <div className={styles.group}>
          <Segments
            label={say('share.notify')}
            value={options.notify}
            onChange={(notify) => set({ notify })}
            options={[
              { value: 'off', label: say('share.notify-off') },
              { value: 'on', label: say('share.notify-on') },
            ]}
          />
          <p className={styles.note}>{say('share.notify-note')}</p>
        </div>
      </div>
    </details>
  );
}
