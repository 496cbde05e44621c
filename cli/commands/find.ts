// SPDX-License-Identifier: MIT
import type { CatalogueEntry, ImageRemote } from '#contract/images.ts';
import { describeError, exitCodeOf, type HelperErrorData } from '#contract/errors.ts';
import { formatBytes } from '#contract/units.ts';
import { say, saySentence } from '#messages/say.ts';
import { allOfCatalogue } from '../../client/list-all.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../cli-error.ts';
import { showOperations } from '../show-operations.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { tell, show } from '../output.ts';

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
  // its failures are the remotes', told below
  await showOperations(context, [{ accepted, label: say('cli.find.ask-remotes') }]);
  const [catalogue, remotes] = await Promise.all([
    allOfCatalogue(connection),
    connection.request('images.remotes', {}),
  ]);
  tellFailures(remotes);
  const rows = catalogue.filter((entry) => (options.all === true || entry.isSupported !== false) && fits(entry, text));
  if (rows.length === 0 && text !== undefined)
    throw new CliError(
      say('cli.find.nothing-fits', { text }),
      exitCodeOf({ code: 'image.not-found' }),
      say('cli.find.nothing-fits-hint'),
    );
  show(
    await renderOutput(options.format, {
      table: () =>
        renderTable(
          columns(),
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
  const reasons = asked.flatMap(({ error }) => (error?.code === 'image.remote-unreachable' ? [reasonOf(error)] : []));
  if (asked.length > 1 && reasons.length === asked.length)
    return tell(say('cli.find.none-reached', { count: asked.length, reason: reasons[0] ?? '' }));
  // settings that cannot be used are every remote's fault, told once
  for (const line of new Set(remotes.flatMap(({ error }) => (error === undefined ? [] : failureLine(error)))))
    tell(line);
}

function reasonOf({ params, sentences }: HelperErrorData): string {
  const told = sentences?.['reason'];
  return (told && saySentence(told)) ?? String(params['reason']);
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

const columns = (): readonly Column<CatalogueEntry>[] => [
  { title: say('cli.column.image'), value: (row) => row.alias },
  { title: say('cli.column.also'), value: (row) => row.words?.filter((word) => word.length > 1).join(', ') },
  { title: say('cli.column.version'), value: (row) => row.version },
  { title: say('cli.column.title'), value: (row) => row.title },
  {
    title: say('cli.column.download'),
    value: (row) => (row.downloadBytes === undefined ? undefined : formatBytes(row.downloadBytes)),
    align: 'right',
  },
  {
    title: say('cli.column.verified-by'),
    value: (row) => row.verification ?? (row.origin === 'built' ? say('cli.find.built-here') : undefined),
  },
  {
    title: say('cli.column.cached'),
    value: (row) => say(row.fingerprint ? 'cli.find.cached' : 'cli.find.not-cached'),
    colour: (row) => (row.fingerprint ? 'green' : 'dim'),
  },
];
