// SPDX-License-Identifier: MIT
import manifest from '../../package.json' with { type: 'json' };

/** The version of this program, from the one manifest. */
export const version: string = manifest.version;
