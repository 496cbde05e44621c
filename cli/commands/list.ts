// SPDX-License-Identifier: MIT
import type { InstanceState, InstanceSummary } from '#contract/instances.ts';
import { rowOf } from '#contract/open-enum.ts';
import { pauseWords } from '#contract/pause.ts';
import { hasTags } from '#contract/tags.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { allInstances } from '../../client/list-all.ts';
import type { CommandContext } from '../command-context.ts';
import type { Colour } from '../render/colour.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import type { Meant } from '../instance-operations.ts';
import { tell, show } from '../output.ts';

/** `berth list`: deleted instances only with `all`, with `tag` those that have all of the tags. */
export async function list(context: CommandContext, options: Meant & { readonly format: OutputFormat }): Promise<void> {
  const connection = await context.connect();
  const everything = await allInstances(connection);
  const instances = everything.filter(
    (instance) => (options.all === true || instance.state !== 'deleted') && hasTags(instance, options.tag ?? []),
  );
  const text = await renderOutput(options.format, {
    table: () => renderTable(columnsFor(instances), instances, context.out),
    value: instances,
    csv: { keys: [...summaryKeys, 'pause', ...wordKeys], rows: withPause(instances) },
  });
  show(text);
  if (instances.length === 0 && options.format === 'table' && process.stderr.isTTY) tell(say('cli.list.empty'));
}

/** The columns of `list --format csv`; stable, new ones come last. */
export const summaryKeys = [
  'name',
  'state',
  'ownerUid',
  'isOwn',
  'image',
  'addresses',
  'cpus',
  'memoryBytes',
  'diskBytes',
  'accelerator',
  'createdAt',
  'startedAt',
  'deletedAt',
] as const;

/** What its owner said of it; behind the others. */
export const wordKeys = ['description', 'tags', 'isProtected'] as const;

/** Behind the others: why it is paused, as one word. */
export function withPause<Row extends InstanceSummary>(
  rows: readonly Row[],
): readonly Readonly<Record<string, unknown>>[] {
  return rows.map((row) => ({ ...row, pause: row.pause?.reason }));
}

const columns = (): readonly Column<InstanceSummary>[] => [
  { title: say('cli.column.name'), value: (instance) => instance.name },
  {
    title: say('cli.column.state'),
    value: (instance) => stateText(instance),
    colour: (instance) => rowOf(stateColours, instance.state, 'yellow'),
  },
  { title: say('cli.column.address'), value: (instance) => instance.addresses?.[0] },
  { title: say('cli.column.image'), value: (instance) => instance.image },
  { title: say('cli.column.cpus'), value: (instance) => instance.cpus?.toString(), align: 'right' },
  { title: say('cli.column.memory'), value: (instance) => sizeText(instance.memoryBytes), align: 'right' },
  { title: say('cli.column.disk'), value: (instance) => sizeText(instance.diskBytes), align: 'right' },
];

/** Tags where somebody uses them. */
function columnsFor(instances: readonly InstanceSummary[]): readonly Column<InstanceSummary>[] {
  if (!instances.some(({ tags = [] }) => tags.length > 0)) return columns();
  return [...columns(), { title: say('cli.list.tags'), value: ({ tags = [] }) => tags.join(', ') }];
}

const stateColours: Readonly<Record<InstanceState, Colour>> = {
  creating: 'cyan',
  starting: 'cyan',
  running: 'green',
  stopping: 'cyan',
  stopped: 'dim',
  restarting: 'cyan',
  paused: 'yellow',
  suspended: 'dim',
  deleted: 'dim',
  unknown: 'yellow',
  broken: 'red',
};

function stateText(instance: InstanceSummary): string {
  if (!instance.isOwn) return say('cli.list.owner', { state: instance.state, uid: instance.ownerUid });
  if (instance.pause && instance.state === 'paused')
    return say('cli.list.paused', { reason: pauseWords(instance.pause.reason) });
  return instance.lastError ? `${instance.state} (${instance.lastError.code})` : instance.state;
}

function sizeText(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatBytes(bytes);
}
