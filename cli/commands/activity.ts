// SPDX-License-Identifier: MIT
import { formatDuration } from '#contract/duration.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import { show } from '../output.ts';

/** `berth activity`: operations under way and recently ended. */
export async function activity(context: CommandContext, options: { readonly format: OutputFormat }): Promise<void> {
  const connection = await context.connect();
  const operations = await connection.request('operations.list', {});
  const rows = operations.map((operation) => ({
    ...operation,
    step: operation.progress?.step,
    error: operation.error?.code,
  }));
  const text = await renderOutput(options.format, {
    table: () => renderTable(columns(), operations, context.out),
    value: operations,
    csv: { keys: ['id', 'kind', 'target', 'ownerUid', 'state', 'startedAt', 'endedAt', 'step', 'error'], rows },
  });
  show(text);
}

const columns = (): readonly Column<OperationSummary>[] => [
  { title: say('cli.column.id'), value: (operation) => operation.id },
  { title: say('cli.column.kind'), value: (operation) => operation.kind },
  { title: say('cli.column.target'), value: (operation) => operation.target },
  {
    title: say('cli.column.state'),
    value: (operation) => operation.error?.code ?? operation.state,
    colour: (operation) => (operation.state === 'failed' ? 'red' : undefined),
  },
  {
    title: say('cli.column.took'),
    value: (operation) =>
      formatDuration(Date.parse(operation.endedAt ?? new Date().toISOString()) - Date.parse(operation.startedAt)),
    align: 'right',
  },
  { title: say('cli.column.step'), value: (operation) => operation.progress?.step },
];
