// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { InstanceRemains } from './instance-remains.ts';

/** What was found in one instance's directory. */
export type StoredInstance =
  | { readonly ok: true; readonly record: InstanceRecord }
  | { readonly ok: false; readonly name: InstanceName; readonly reason: string; readonly remains: InstanceRemains };
