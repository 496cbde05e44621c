// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Instance } from '../instance/instance.ts';

/** @throws HelperError instance.protected */
export function requireUnprotected(verb: InstanceVerb, { name, record }: Instance): void {
  if (record.isProtected === true)
    throw new HelperError('instance.protected', { name, command: sentence(`verb.${verb}.passive`) });
}
