// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { imageSettings as settingsSchema, type ImageRemote, type LeftOutEntries } from '#contract/images.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { say, show } from '../output.ts';
import { renderJson } from '../render/json.ts';

/** `berth images remotes`: each place, what it has and how the last look went. */
export async function listRemotes(context: CommandContext, options: { readonly format: OutputFormat }): Promise<void> {
  const connection = await context.connect();
  const remotes = await connection.request('images.remotes', {});
  show(
    await renderOutput(options.format, {
      table: () => renderTable(columns, remotes, context.out),
      value: remotes,
      csv: {
        keys: ['name', 'title', 'kind', 'url', 'mirror', 'isBuiltIn', 'refreshedAt', 'verification', 'entries'],
        rows: remotes.map((remote) => ({ ...remote })),
      },
    }),
  );
  for (const { name, leftOut } of remotes) if (leftOut !== undefined) tellLeftOut(name, leftOut);
}

function tellLeftOut(remote: string, { count, reasons }: LeftOutEntries): void {
  const entries = count === 1 ? 'One entry' : `${count} entries`;
  say(`${entries} of the remote ${remote} cannot be used and ${count === 1 ? 'is' : 'are'} left out:`);
  for (const reason of reasons) say(`  ${reason}`);
  if (count > reasons.length) say(`  and ${count - reasons.length} more`);
}

/** `berth images settings`: prints them, or replaces them by a file's (root only). */
export async function imageSettings(
  context: CommandContext,
  options: { readonly set?: string | undefined },
): Promise<void> {
  const connection = await context.connect();
  if (options.set !== undefined) await connection.request('images.configure', await readSettings(options.set));
  else show(renderJson(await connection.request('images.settings', {})));
}

async function readSettings(file: string): Promise<ReturnType<typeof settingsSchema.parse>> {
  try {
    const checked = settingsSchema.safeParse(
      JSON.parse(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')),
    );
    if (checked.success) return checked.data;
    throw new Error(checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  } catch (error) {
    throw new CliError(`--set ${file}: ${error instanceof Error ? error.message : String(error)}`, exitCodes.usage);
  }
}

const columns: readonly Column<ImageRemote>[] = [
  { title: 'REMOTE', value: (row) => row.name },
  { title: 'TITLE', value: (row) => row.title },
  { title: 'IMAGES', value: (row) => String(row.entries), align: 'right' },
  { title: 'ASKED', value: (row) => row.refreshedAt ?? 'never' },
  { title: 'VERIFIED BY', value: (row) => row.verification },
  {
    title: 'STATE',
    value: (row) => (row.isDisabled === true ? 'disabled' : (row.error?.code ?? 'ok')),
    colour: (row) => (row.isDisabled === true ? 'dim' : row.error ? 'red' : 'green'),
  },
  { title: 'URL', value: (row) => row.mirror ?? row.url },
];
