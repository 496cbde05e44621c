// SPDX-License-Identifier: MIT
import { Option } from '@commander-js/extra-typings';
import { outputFormats } from './render/format.ts';
import { say } from '#messages/say.ts';

/** `--format`, the same at every command that lists something. */
export const formatOption = (): Option<
  '--format <format>',
  undefined,
  'table',
  undefined,
  false,
  'table' | 'json' | 'yaml' | 'csv'
> => new Option('--format <format>', say('cli.common.option-format')).choices(outputFormats).default('table' as const);
