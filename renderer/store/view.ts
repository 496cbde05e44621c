// SPDX-License-Identifier: MIT
import type { InstanceKey } from '#contract/host-keys.ts';
import type { Preferences } from '#contract/desktop.ts';

export type SortColumn = 'name' | 'state' | 'image' | 'address' | 'resources' | 'status';

/** Folders that are about to be shared, for the share sheet. */
export interface ShareDraft {
  readonly instance: InstanceKey;
  readonly sources: readonly string[];
}

export interface ViewSlice {
  readonly theme: Preferences['theme'];
  readonly search: string;
  /** Of which the instances in the table have each. */
  readonly tags: ReadonlySet<string>;
  readonly sort: { readonly column: SortColumn; readonly direction: 'ascending' | 'descending' };
  readonly selected: ReadonlySet<InstanceKey>;
  readonly isPaletteOpen: boolean;
  readonly shareDraft: ShareDraft | undefined;
  /** A disk image that is about to be imported, by path. */
  readonly importDraft: string | undefined;
  /** The instance that files are about to be copied out of. */
  readonly copyOutOf: InstanceKey | undefined;
  /** The instance that is to go for good, once that was confirmed. */
  readonly purging: InstanceKey | undefined;
  readonly terminalFontSize: number;
}

export const initialView: ViewSlice = {
  theme: 'system',
  search: '',
  tags: new Set(),
  sort: { column: 'name', direction: 'ascending' },
  selected: new Set(),
  isPaletteOpen: false,
  shareDraft: undefined,
  importDraft: undefined,
  copyOutOf: undefined,
  purging: undefined,
  terminalFontSize: 13,
};
