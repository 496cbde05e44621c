// SPDX-License-Identifier: MIT
import { activity } from './activity.ts';
import { common } from './common.ts';
import { helperDown } from './helper-down.ts';
import { imageSources } from './image-sources.ts';
import { images } from './images.ts';
import { instance } from './instance.ts';
import { instances } from './instances.ts';
import { launch } from './launch.ts';
import { notices } from './notices.ts';
import { palette } from './palette.ts';
import { rail } from './rail.ts';
import { security } from './security.ts';
import { settings } from './settings.ts';
import { setup } from './setup.ts';
import { shares } from './shares.ts';
import { transfers } from './transfers.ts';

/** What the window shows, a file for each of its features. */
export const windowTexts = {
  ...activity,
  ...common,
  ...helperDown,
  ...imageSources,
  ...images,
  ...instance,
  ...instances,
  ...launch,
  ...notices,
  ...palette,
  ...rail,
  ...security,
  ...settings,
  ...setup,
  ...shares,
  ...transfers,
} as const;
