#!/usr/bin/env node
// SPDX-License-Identifier: MIT
import { CommanderError } from '@commander-js/extra-typings';
import { cliTexts } from '#messages/en/cli/index.ts';
import { useLanguage, useTexts } from '#messages/say.ts';
import { exitCodes } from './exit-codes.ts';
import { guardOutputs, settleOutputs } from './outputs.ts';
import { createProgram } from './program.ts';

useTexts(cliTexts);
useLanguage(process.env['BERTH_LANGUAGE']);
guardOutputs();
try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // It has said already what it had to say: help, the version, or what is wrong with the words.
  process.exit(await settleOutputs(error.exitCode === 0 ? exitCodes.success : exitCodes.usage));
}
