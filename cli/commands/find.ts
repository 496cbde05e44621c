// SPDX-License-Identifier: MIT
import type { CatalogueEntry, ImageRemote } from '#contract/images.ts';
import { describeError, exitCodeOf, type HelperErrorData } from '#contract/errors.ts';
import { formatBytes } from '#contract/units.ts';
import { allOfCatalogue } from '../../client/list-all.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../cli-error.ts';
import { showOperations } from '../show-operations.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { say, show } from '../output.ts';

interface FindOptions {
  readonly all?: true | undefined;
  readonly refresh?: true | undefined;
  readonly format: OutputFormat;
}

/** What a remote said is good for so long, unless asked otherwise. */
const freshSeconds = 15 * 60;

/** `berth find`: what can be launched, from every source. A remote that fails is told on stderr and hides no other. */
export async function find(context: CommandContext, text: string | undefined, options: FindOptions): Promise<void> {
  const connection = await context.connect();
  const accepted = await connection.request('images.refresh', {
    maxAgeSeconds: options.refresh === true ? 0 : freshSeconds,
  });
  await showOperations(context, [{ accepted, label: 'ask the remotes' }]); // its failures are the remotes', told below
  const [catalogue, remotes] = await Promise.all([
    allOfCatalogue(connection),
    connection.request('images.remotes', {}),
  ]);
  tellFailures(remotes);
  const rows = catalogue.filter((entry) => (options.all === true || entry.isSupported !== false) && fits(entry, text));
  if (rows.length === 0 && text !== undefined)
    throw new CliError(
      `nothing fits ${text}`,
      exitCodeOf({ code: 'image.not-found' }),
      'berth find without a word lists everything; --all shows old releases too.',
    );
  show(
    await renderOutput(options.format, {
      table: () =>
        renderTable(
          columns,
          rows.map((entry) => ({ ...entry })),
          context.out,
        ),
      value: rows,
      csv: { keys, rows: rows.map((entry) => ({ ...entry })) },
    }),
  );
}

/** A line for each that failed; one for all where none was reached, which is the network's fault and not theirs. */
function tellFailures(remotes: readonly ImageRemote[]): void {
  const asked = remotes.filter(({ isDisabled }) => isDisabled !== true);
  const reasons = asked.flatMap(({ error }) =>
    error?.code === 'image.remote-unreachable' ? [String(error.params['reason'])] : [],
  );
  if (asked.length > 1 && reasons.length === asked.length)
    return say(`None of the ${asked.length} remotes was reached (${reasons[0]}). What they had last is shown.`);
  // settings that cannot be used are every remote's fault, told once
  for (const line of new Set(remotes.flatMap(({ error }) => (error === undefined ? [] : failureLine(error)))))
    say(line);
}

function failureLine(error: HelperErrorData): string {
  const { message, hint } = describeError(error);
  return error.code === 'image.settings-unusable' ? `${message} ${hint}` : message;
}

/** `ubuntu:` is all of that remote; else part of the alias, of another word for it, of the title or the digest. */
export function fits(entry: CatalogueEntry, text: string | undefined): boolean {
  const wanted = text?.toLowerCase();
  if (wanted === undefined) return true;
  if (wanted.endsWith(':')) return `${entry.remote ?? ''}:` === wanted;
  return [entry.alias, ...(entry.words ?? []), entry.title.toLowerCase(), entry.fingerprint ?? ''].some((word) =>
    word.includes(wanted),
  );
}

const keys = [
  'alias',
  'title',
  'os',
  'release',
  'version',
  'architecture',
  'origin',
  'remote',
  'words',
  'downloadBytes',
  'verification',
  'isSupported',
  'fingerprint',
] as const;

const columns: readonly Column<CatalogueEntry>[] = [
  { title: 'IMAGE', value: (row) => row.alias },
  { title: 'ALSO', value: (row) => row.words?.filter((word) => word.length > 1).join(', ') },
  { title: 'VERSION', value: (row) => row.version },
  { title: 'TITLE', value: (row) => row.title },
  {
    title: 'DOWNLOAD',
    value: (row) => (row.downloadBytes === undefined ? undefined : formatBytes(row.downloadBytes)),
    align: 'right',
  },
  { title: 'VERIFIED BY', value: (row) => row.verification ?? (row.origin === 'built' ? 'built here' : undefined) },
  {
    title: 'CACHED',
    value: (row) => (row.fingerprint ? 'yes' : 'no'),
    colour: (row) => (row.fingerprint ? 'green' : 'dim'),
  },
];
