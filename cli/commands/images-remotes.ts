// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { imageSettings as settingsSchema, type ImageRemote, type LeftOutEntries } from '#contract/images.ts';
import { say } from '#messages/say.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { tell, show } from '../output.ts';
import { renderJson } from '../render/json.ts';

/** `berth images remotes`: each place, what it has and how the last look went. */
export async function listRemotes(context: CommandContext, options: { readonly format: OutputFormat }): Promise<void> {
  const connection = await context.connect();
  const remotes = await connection.request('images.remotes', {});
  show(
    await renderOutput(options.format, {
      table: () => renderTable(columns(), remotes, context.out),
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
  tell(say('cli.images-remotes.left-out', { count, remote }));
  for (const reason of reasons) tell(`  ${reason}`);
  if (count > reasons.length) tell(`  ${say('cli.images-remotes.left-out-more', { count: count - reasons.length })}`);
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
    throw new CliError(
      say('cli.images-settings.refused', { file, reason: error instanceof Error ? error.message : String(error) }),
      exitCodes.usage,
    );
  }
}

function stateText({ isDisabled, error }: ImageRemote): string {
  if (isDisabled === true) return say('cli.images-remotes.disabled');
  return error?.code ?? say('cli.images-remotes.ok');
}

const columns = (): readonly Column<ImageRemote>[] => [
  { title: say('cli.column.remote'), value: (row) => row.name },
  { title: say('cli.column.title'), value: (row) => row.title },
  { title: say('cli.column.images'), value: (row) => String(row.entries), align: 'right' },
  { title: say('cli.column.asked'), value: (row) => row.refreshedAt ?? say('cli.images-remotes.never') },
  { title: say('cli.column.verified-by'), value: (row) => row.verification },
  {
    title: say('cli.column.state'),
    value: (row) => stateText(row),
    colour: (row) => (row.isDisabled === true ? 'dim' : row.error ? 'red' : 'green'),
  },
  { title: say('cli.column.url'), value: (row) => row.mirror ?? row.url },
];
