// SPDX-License-Identifier: MIT

/**
 * Whether the content of a record says that a newer version than this one made it: it is that version's, and stays as
 * it is.
 */
export function isNewerSchema(content: unknown): boolean {
  return (
    typeof content === 'object' &&
    content !== null &&
    'schema' in content &&
    typeof content.schema === 'number' &&
    content.schema > 1
  );
}
