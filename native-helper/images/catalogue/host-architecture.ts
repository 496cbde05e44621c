// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';

/** What this computer runs: the images it asks for are for that, and those of unknown origin are taken to be. */
export const hostArchitecture: Architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
