// SPDX-License-Identifier: MIT
import type { DecideDenialParams, Denial, DenialSource } from '#contract/denials.ts';
import { rowOf, wordOf } from '#contract/open-enum.ts';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { hostPathOf } from '../host-path.ts';
import type { Paint } from '../render/colour.ts';
import { escapeForTerminal } from '../render/escape.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { tell, show, showError } from '../output.ts';

/**
 * `berth denials`: what the confinement of an instance refused, newest first, each with what can be done about it;
 * without a name what that of Berth's own programs did.
 */
export async function denials(
  context: CommandContext,
  name: string | undefined,
  options: { readonly format: OutputFormat },
): Promise<void> {
  const connection = await context.connect();
  const list =
    name === undefined
      ? await connection.request('denials.own', {})
      : await connection.request('denials.list', { name });
  show(
    await renderOutput(options.format, {
      table: () => list.denials.map((each) => renderDenial(name, each, context.out)).join('\n'),
      value: list,
      csv: {
        keys: [
          'id',
          'utility',
          'kind',
          'operations',
          'subject',
          'access',
          'outcome',
          'count',
          'firstAt',
          'lastAt',
          'explanation',
          'rule',
          'offers',
          'caution',
          'decision',
        ],
        rows: list.denials.map((each) => ({ ...each, decision: each.decision?.choice })),
      },
    }),
  );
  if (options.format === 'table')
    showError(remarks(name ?? say('cli.denials.berth-itself'), list.denials.length, list.source));
}

/**
 * `berth allow`: gives an instance the file of a denial, or any other that the caller names by its path, to be read, or
 * to be read and written.
 */
export async function allow(
  context: CommandContext,
  name: string,
  target: string,
  options: { readonly write?: boolean | undefined },
): Promise<void> {
  const connection = await context.connect();
  const file = asPath(target);
  const isLater =
    file === undefined
      ? (
          await connection.request('denials.decide', {
            name,
            id: target,
            choice: options.write === true ? 'read-write' : 'read',
          })
        ).effect === 'next-start'
      : (await connection.request('instances.grant', { name, path: file, mode: options.write === true ? 'rw' : 'r' }))
          .isRestartNeeded;
  if (isLater) tell(say('cli.allow.next-start', { name }));
}

/**
 * `berth block`: remembers of denials that they stay refused, so that they ask for no attention any more, and takes
 * back what was allowed.
 */
export async function block(context: CommandContext, name: string, targets: readonly string[]): Promise<void> {
  const connection = await context.connect();
  for (const target of targets) {
    const file = asPath(target);
    if (file === undefined) await connection.request('denials.decide', { name, id: target, choice: 'keep-blocked' });
    else await connection.request('instances.revoke', { name, path: file });
  }
}

/** A path is told from a denial's number by a slash. */
function asPath(target: string): string | undefined {
  return target.includes('/') ? hostPathOf(target) : undefined;
}

const decisions: Readonly<Record<DecideDenialParams['choice'], PlainTextId>> = {
  'keep-blocked': 'cli.denials.kept-blocked',
  read: 'cli.denials.allowed-read',
  'read-write': 'cli.denials.allowed-read-write',
};

function renderDenial(name: string | undefined, denial: Denial, paint: Paint): string {
  const { id, count, lastAt, outcome, explanation, rule, caution, decision } = denial;
  const state =
    decision === undefined
      ? paint(
          outcome === 'refused' ? 'red' : 'yellow',
          say(outcome === 'refused' ? 'cli.denials.refused' : 'cli.denials.reported'),
        )
      : paint('dim', decisionText(decision.choice));
  const below = [
    escapeForTerminal(explanation),
    ...(rule === undefined ? [] : [paint('dim', say('cli.denials.rule', { rule: escapeForTerminal(rule) }))]),
    ...(caution === undefined ? [] : [escapeForTerminal(caution)]),
    ...waysOut(name, denial).map((line) => `→ ${paint('cyan', escapeForTerminal(line))}`),
  ];
  const summary = say('cli.denials.entry', { state, count, time: lastAt });
  return `${paint('bold', id)}  ${summary}\n${below.map((line) => `  ${line}\n`).join('')}`;
}

function decisionText(choice: string): string {
  const id = rowOf<string, PlainTextId | undefined>(decisions, choice, undefined);
  return id === undefined ? wordOf(choice) : say(id);
}

function waysOut(name: string | undefined, { id, offers, decision }: Denial): string[] {
  if (name === undefined) return [];
  return [
    ...(offers.includes('read') && decision?.choice !== 'read' ? [`berth allow ${name} ${id}`] : []),
    ...(offers.includes('read-write') && decision?.choice !== 'read-write'
      ? [`berth allow --write ${name} ${id}`]
      : []),
    ...(decision?.choice === 'keep-blocked' ? [] : [`berth block ${name} ${id}`]),
  ];
}

function remarks(name: string, count: number, { state, detail, lost }: DenialSource): string {
  return [
    ...(count > 0 ? [] : [`${say('cli.denials.none', { name })}\n`]),
    ...(state === 'watching' ? [] : [`${escapeForTerminal(detail)}\n`]),
    ...(lost === undefined ? [] : [`${say('cli.denials.lost', { count: lost.count, time: lost.lastAt })}\n`]),
  ].join('');
}
