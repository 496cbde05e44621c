// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import { HelperError } from '../core/errors.ts';

const issuesNamed = 3;
const reasonLength = 500;

/**
 * A request.invalid whose reason names each wrong field: `memoryBytes: Too small: expected number to be >=134217728`.
 */
export function invalidParams(error: z.ZodError): HelperError {
  const reason = error.issues.slice(0, issuesNamed).map(describeIssue).join('; ');
  return new HelperError('request.invalid', { reason: reason.slice(0, reasonLength) });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? 'params' : issue.path.map(String).join('.');
  if (issue.code !== 'invalid_union') return `${at}: ${issue.message}`;
  const messages = issue.errors.map((branch) => branch[0]?.message ?? issue.message);
  return `${at}: ${[...new Set(messages)].join(', or ')}`;
}
