// SPDX-License-Identifier: MIT
import type { ReactElement } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import { classNames } from '../lib/class-names.ts';
import styles from './Menu.module.css';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  /** The equal command line. */
  readonly note?: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly testId?: string;
  readonly onAction: () => void;
}

/** A menu that the given button opens. */
export function Menu({
  label,
  entries,
  children,
}: {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly children: ReactElement;
}) {
  return (
    <MenuTrigger>
      {children}
      <Popover className={styles.popover!} placement="bottom end" offset={4}>
        <AriaMenu
          className={styles.menu!}
          aria-label={label}
          disabledKeys={entries.filter((entry) => entry.isDisabled).map((entry) => entry.id)}
        >
          {entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              onAction={entry.onAction}
              data-testid={entry.testId}
              className={classNames(styles.item, entry.isDanger && styles.danger)}
            >
              <Text slot="label">{entry.label}</Text>
              {entry.note === undefined ? null : (
                <Text slot="description" className={styles.note!} translate="no">
                  {entry.note}
                </Text>
              )}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
