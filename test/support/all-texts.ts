// SPDX-License-Identifier: MIT
// A file of tests stands for all programs, so it has what each says of its own.
import { cliTexts } from '#messages/en/cli/index.ts';
import { desktopTexts } from '#messages/en/desktop.ts';
import { commonTexts } from '#messages/en/index.ts';
import { windowTexts } from '#messages/en/window/index.ts';
import { useTexts } from '#messages/say.ts';

export const allTexts = { ...commonTexts, ...cliTexts, ...desktopTexts, ...windowTexts };

useTexts(allTexts);
