// SPDX-License-Identifier: MIT

/**
 * Why something failed, in one line; several addresses that failed are one AggregateError without a message of its own.
 */
export function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (first instanceof Error && 'issues' in first && Array.isArray(first.issues)) {
    const [issue] = first.issues as { readonly path: readonly PropertyKey[]; readonly message: string }[];
    return `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300);
  }
  const message = first instanceof Error ? first.message : String(first);
  return message.replaceAll(/\s+/g, ' ').slice(0, 300);
}
