// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { HelperError } from '../core/errors.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { InstanceRemains } from './instance-remains.ts';

/** What was found in one instance's directory. */
export type StoredInstance =
  | { readonly ok: true; readonly record: InstanceRecord }
  | ({ readonly ok: false; readonly name: InstanceName } & BrokenRecord);

/** Why a record cannot be used, where it was moved to, and what can be told of the instance all the same. */
export interface BrokenRecord {
  readonly fault: HelperError;
  readonly aside: string | undefined;
  readonly remains: InstanceRemains;
}
