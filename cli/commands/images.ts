// SPDX-License-Identifier: MIT
import type { CatalogueEntry, ImportFormat, Packing, VaultImage } from '#contract/images.ts';
import { imageImportParams, imageImportUrlParams } from '#contract/images.ts';
import type { OperationAccepted } from '#contract/instances.ts';
import { imageAlias, type ImageAlias } from '#contract/names.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { allImages, allOfCatalogue } from '../../client/list-all.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { imageWord } from '../image-word.ts';
import { hostPathOf } from '../host-path.ts';
import { showOperations } from '../show-operations.ts';
import { failureOf, tellLeft } from '../instance-operations.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { show } from '../output.ts';

/** `berth images list`: what can be launched, and what lies in the vault. */
export async function listImages(context: CommandContext, options: { readonly format: OutputFormat }): Promise<void> {
  const connection = await context.connect();
  const [catalogue, vault] = await Promise.all([allOfCatalogue(connection), allImages(connection)]);
  const rows = imageRows(
    catalogue.filter((entry) => entry.origin !== 'remote' || entry.fingerprint !== undefined),
    vault,
  ); // what remotes have besides: berth find
  const text = await renderOutput(options.format, {
    table: () => renderTable(columns(), rows, context.out),
    value: { catalogue, vault },
    csv: { keys: imageKeys, rows },
  });
  show(text);
}

export interface ImportOptions {
  readonly format?: ImportFormat | undefined;
  readonly packing?: Packing | undefined;
  readonly alias: string;
  readonly title?: string | undefined;
  readonly user?: string | undefined;
  readonly sha256?: string | undefined;
  readonly sha512?: string | undefined;
}

/** The options by which the contract's fields are known here. */
const importOptions = (): Readonly<Record<string, string>> => ({
  url: say('cli.images-import.url'),
  path: say('cli.images-import.file'),
  alias: '--alias',
  format: '--format',
  packing: '--packing',
  title: '--title',
  defaultUser: '--user',
  sha256: '--sha256',
  sha512: '--sha512',
});

/** `berth images import`: takes a local disk file, or one from a URL, into the vault. */
export async function importImage(context: CommandContext, file: string, options: ImportOptions): Promise<number> {
  const isUrl = /^https?:\/\//.test(file);
  const schema = isUrl ? imageImportUrlParams : imageImportParams;
  const checked = schema.safeParse({
    ...(isUrl ? { url: file } : { path: hostPathOf(file) }),
    alias: options.alias,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.packing === undefined ? {} : { packing: options.packing }),
    ...(options.sha512 === undefined ? {} : { sha512: options.sha512 }),
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.user === undefined ? {} : { defaultUser: options.user }),
    ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
  });
  if (!checked.success) {
    const problems = checked.error.issues.map(
      ({ path, message }) => `${importOptions()[String(path[0])] ?? path.join('.')}: ${message}`,
    );
    throw new CliError(problems.join('; '), exitCodes.usage);
  }
  const connection = await context.connect();
  const accepted =
    'url' in checked.data
      ? await connection.request('images.import-url', checked.data)
      : await connection.request('images.import', checked.data);
  return followImage(context, `import ${options.alias}`, accepted);
}

/** `berth images build`: builds a catalogue image on this computer. */
export async function buildImage(context: CommandContext, alias: string): Promise<number> {
  const connection = await context.connect();
  return followImage(context, `build ${alias}`, await connection.request('images.build', { alias }));
}

/** `berth images fetch`: the newest image of a remote, into the vault. */
export async function fetchImage(context: CommandContext, word: string): Promise<number> {
  const connection = await context.connect();
  return followImage(context, `fetch ${word}`, await connection.request('images.fetch', { alias: checkAlias(word) }));
}

function checkAlias(word: string): ImageAlias {
  const checked = imageAlias.safeParse(word);
  if (!checked.success) {
    const reason = checked.error.issues[0]?.message;
    throw new CliError(
      reason === undefined ? say('cli.image-name.none', { word }) : say('cli.image-name.refused', { word, reason }),
      exitCodes.usage,
    );
  }
  return checked.data;
}

/** `berth images remove`: removes images that no instance uses from the vault. */
export async function removeImages(context: CommandContext, images: readonly string[]): Promise<void> {
  const connection = await context.connect();
  for (const image of images) await connection.request('images.remove', { image: imageWord(image) });
}

export async function followImage(
  context: CommandContext,
  label: string,
  accepted: OperationAccepted,
): Promise<number> {
  const [outcome] = await showOperations(context, [{ accepted, label }]);
  const error = outcome && failureOf(outcome);
  if (error) throw error;
  return outcome?.summary === 'left' ? tellLeft(outcome) : exitCodes.success;
}

/** A catalogue entry, a vault image, or both where they are the same. */
export interface ImageRow {
  readonly alias?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly title: string;
  readonly os: string;
  readonly release: string;
  readonly architecture: string;
  readonly origin: string;
  readonly defaultUser: string;
  readonly minMemoryBytes?: number | undefined;
  readonly minDiskBytes?: number | undefined;
  readonly virtualBytes?: number | undefined;
  readonly fileBytes?: number | undefined;
  readonly usedBy?: readonly string[] | undefined;
  readonly diskUseBytes?: number | undefined;
  readonly isPinned?: boolean | undefined;
  readonly expiresAt?: string | undefined;
  readonly version?: string | undefined;
  readonly verification?: string | undefined;
  readonly [key: string]: unknown;
}

const imageKeys = [
  'alias',
  'fingerprint',
  'title',
  'os',
  'release',
  'architecture',
  'origin',
  'defaultUser',
  'minMemoryBytes',
  'minDiskBytes',
  'virtualBytes',
  'fileBytes',
  'usedBy',
  'diskUseBytes',
  'isPinned',
  'expiresAt',
  'version',
  'verification',
] as const;

/** The catalogue in its order, then vault images that no entry names. */
export function imageRows(catalogue: readonly CatalogueEntry[], vault: readonly VaultImage[]): readonly ImageRow[] {
  const byFingerprint = new Map(vault.map((image) => [image.fingerprint, image]));
  const named = catalogue.map((entry): ImageRow => {
    const image = entry.fingerprint && byFingerprint.get(entry.fingerprint);
    return {
      ...entry,
      ...(image
        ? {
            virtualBytes: image.virtualBytes,
            fileBytes: image.fileBytes,
            usedBy: image.usedBy,
            diskUseBytes: image.diskUseBytes,
            isPinned: image.isPinned,
            expiresAt: image.expiresAt,
          }
        : {}),
    };
  });
  const shown = new Set(catalogue.map((entry) => entry.fingerprint));
  const rest = vault
    .filter((image) => !shown.has(image.fingerprint))
    .map((image): ImageRow => ({ ...image, alias: image.aliases[0] }));
  return [...named, ...rest];
}

const columns = (): readonly Column<ImageRow>[] => [
  { title: say('cli.column.alias'), value: (row) => row.alias },
  { title: say('cli.column.title'), value: (row) => row.title },
  { title: say('cli.column.origin'), value: (row) => row.origin },
  {
    title: say('cli.column.cached'),
    value: (row) => (row.fingerprint ? row.fingerprint.slice(0, 12) : say('cli.images-list.not-cached')),
    colour: (row) => (row.fingerprint ? 'green' : 'dim'),
  },
  { title: say('cli.column.on-disk'), value: (row) => sizeOf(row.diskUseBytes ?? row.fileBytes), align: 'right' },
  {
    title: say('cli.column.expires'),
    value: (row) => row.expiresAt?.slice(0, 10) ?? (row.isPinned === true ? say('cli.images-list.pinned') : undefined),
  },
  { title: say('cli.column.used-by'), value: (row) => row.usedBy?.join(', ') },
];

function sizeOf(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatBytes(bytes);
}
