// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import type { InstanceSummary } from './instances.ts';
import { visibleText } from './visible-text.ts';

const mostTags = 50;
const mostDescription = 500;

/** A word that an owner gives to instances, to name them together. */
export const instanceTag = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, { error: () => say('invalid.tag') });

export const tagList = z
  .array(instanceTag)
  .max(mostTags, { error: () => say('invalid.tags-at-most', { most: mostTags }) })
  .refine((tags) => new Set(tags).size === tags.length, { error: () => say('invalid.tag-once') });

/** One line of the owner's own words, all of which is seen as it is read. */
export const instanceDescription = z
  .string()
  .max(mostDescription, { error: () => say('invalid.description-at-most', { most: mostDescription }) })
  .refine((text) => visibleText(text) === text && !/\p{Cs}/u.test(text), { error: () => say('invalid.description') });

/** Whether it has all of them. */
export function hasTags({ tags = [] }: Pick<InstanceSummary, 'tags'>, wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}
