// SPDX-License-Identifier: MIT
import { describeError } from '#contract/errors.ts';
import { sentence } from '#messages/say.ts';
import type { Check } from './surroundings.ts';

/** Whether what the administrator decided on where images come from can be used; nothing to tell where all can. */
export const checkImageSettings: Check = async ({ unusableImageSettings }) => {
  const { fault, remotes } = unusableImageSettings();
  if (fault)
    return {
      id: 'image-settings',
      state: 'missing',
      summary: sentence('doctor.no-image-source'),
      evidence: String(fault.params['reason']),
      fix: describeError(fault).hint,
    };
  if (remotes.count === 0) return undefined;
  return {
    id: 'image-settings',
    state: 'limited',
    summary: sentence('doctor.image-sources-unusable', { count: remotes.count }),
    ...(remotes.names.length > 0 && { evidence: remotes.names.join(', ') }),
    fix: sentence('doctor.mend-image-sources'),
  };
};
