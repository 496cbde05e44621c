// SPDX-License-Identifier: MIT
export const outputFormats = ['table', 'json', 'yaml', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** What a command shows, in every format. */
export interface Output {
  readonly table: () => string;
  /** The contract's own shape, for JSON and YAML. */
  readonly value: unknown;
  readonly csv: { readonly keys: readonly string[]; readonly rows: readonly Readonly<Record<string, unknown>>[] };
}

/** Renders in the format asked for; renderers other than the table are loaded when needed. */
export async function renderOutput(format: OutputFormat, output: Output): Promise<string> {
  switch (format) {
    case 'table':
      return output.table();
    case 'json':
      return (await import('./json.ts')).renderJson(output.value);
    case 'yaml':
      return (await import('./yaml.ts')).renderYaml(output.value);
    case 'csv':
      return (await import('./csv.ts')).renderCsv(output.csv.keys, output.csv.rows);
    default:
      return format satisfies never;
  }
}
