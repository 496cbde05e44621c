// SPDX-License-Identifier: MIT
import { stringify } from 'yaml';

/** YAML 1.2 with the keys of the JSON. Lines are never folded and nothing is aliased, so that line tools can read it. */
export function renderYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
