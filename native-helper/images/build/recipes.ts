// SPDX-License-Identifier: MIT
import type { Recipe } from './recipe.ts';
import { debian12 } from './debian.ts';
import { tiny } from './tiny.ts';

/** Every image that can be built here, the default first. */
export const recipes: readonly Recipe[] = [tiny, debian12];
