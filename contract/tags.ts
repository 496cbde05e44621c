// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { InstanceSummary } from './instances.ts';

/** A word that an owner gives to instances, to name them together. */
export const instanceTag = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'use letters, digits and . _ - in a tag; at most 63 characters',
  );

export const tagList = z
  .array(instanceTag)
  .max(50, 'at most 50 tags')
  .refine((tags) => new Set(tags).size === tags.length, 'the same tag twice');

/** One line of the owner's own words. */
export const instanceDescription = z
  .string()
  .max(500, 'at most 500 characters')
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line of text');

/** Whether it has all of them. */
export function hasTags({ tags = [] }: Pick<InstanceSummary, 'tags'>, wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}
