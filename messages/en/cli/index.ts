// SPDX-License-Identifier: MIT
import { client } from '../client.ts';
import { common } from './common.ts';
import { folders } from './folders.ts';
import { guest } from './guest.ts';
import { helper } from './helper.ts';
import { images } from './images.ts';
import { instances } from './instances.ts';
import { multipass } from './multipass.ts';
import { security } from './security.ts';
import { settings } from './settings.ts';

/** What the command line says of its own. */
export const cliTexts = {
  ...client,
  ...common,
  ...instances,
  ...guest,
  ...folders,
  ...images,
  ...security,
  ...settings,
  ...helper,
  ...multipass,
} as const;
