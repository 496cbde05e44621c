// SPDX-License-Identifier: MIT
import {
  instanceSettingNames,
  keepsSizes,
  settingsOf,
  settingWords,
  takesOf,
  type SettingTakes,
} from '#contract/instance-settings.ts';
import { formatBytes } from '#contract/units.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { print, show } from '../output.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { settingOf, settingText } from '../setting-words.ts';
import { requireInstance } from './set.ts';

/** `berth get NAME [KEY]`: what is set, in the form in which `set` takes it; all of it with what a change takes. */
export async function get(
  context: CommandContext,
  name: string,
  word: string | undefined,
  options: { readonly format: OutputFormat },
): Promise<void> {
  requireInstance(name);
  const setting = word === undefined ? undefined : settingOf(word);
  const connection = await context.connect();
  const instance = await connection.request('instances.info', { name });
  const settings = settingsOf(instance);
  if (setting !== undefined && options.format === 'table') return print(settingText(setting, settings));
  const shown = setting === undefined ? instanceSettingNames : [setting];
  const rows = shown.map((each) => ({
    key: settingWords[each],
    value: settingText(each, settings),
    takes: takesOf(each, instance.state),
    now: nowText(instance, each),
  }));
  show(
    await renderOutput(options.format, {
      table: () =>
        renderTable(
          [
            { title: say('cli.get.key'), value: (row) => row.key },
            {
              title: say('cli.get.value'),
              value: (row) =>
                row.now === undefined ? row.value : say('cli.get.now', { value: row.value, now: row.now }),
            },
            { title: say('cli.get.changes'), value: (row) => takesText(row.takes, instance) },
          ],
          rows,
          context.out,
        ),
      value: setting === undefined ? settings : settings[setting],
      csv: { keys: ['key', 'value', 'takes'], rows },
    }),
  );
}

function takesText(takes: SettingTakes, instance: InstanceSummary): string {
  return say(takes === 'next-start' && keepsSizes(instance) ? 'cli.get.next-boot' : `cli.get.${takes}`);
}

function nowText({ atNextStart, cpus, memoryBytes }: InstanceSummary, setting: string): string | undefined {
  if (setting === 'cpus' && atNextStart?.cpus !== undefined && cpus !== undefined) return String(cpus);
  if (setting === 'memoryBytes' && atNextStart?.memoryBytes !== undefined && memoryBytes !== undefined)
    return formatBytes(memoryBytes);
  return undefined;
}
