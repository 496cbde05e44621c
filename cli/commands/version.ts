// SPDX-License-Identifier: MIT
import { describeError } from '#contract/errors.ts';
import { protocolVersion } from '#contract/protocol.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { helperErrorOf } from '../helper-error.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderFields } from '../render/table.ts';
import { clientVersion } from '../version.ts';
import { show } from '../output.ts';

interface HelperSide {
  readonly version: string;
  readonly protocol: number;
  readonly error?: never;
}

/** `berth version`: both sides. A helper that is down is part of the answer, not a failure. */
export async function version(context: CommandContext, options: { readonly format: OutputFormat }): Promise<void> {
  const helper = await helperSide(context);
  const value = { client: { version: clientVersion, protocol: protocolVersion }, helper };
  const text = await renderOutput(options.format, {
    table: () =>
      renderFields(
        [
          [say('cli.version.program'), clientVersion],
          [
            say('cli.version.helper'),
            helper.error
              ? say('cli.version.not-reached', {
                  reason: describeError(helper.error).message,
                  code: helper.error.code,
                })
              : helper.version,
          ],
        ],
        context.out,
      ),
    value,
    csv: {
      keys: ['side', 'version', 'protocol', 'error'],
      rows: [
        { side: 'client', ...value.client },
        { side: 'helper', ...helper, error: helper.error?.code },
      ],
    },
  });
  show(text);
}

async function helperSide(
  context: CommandContext,
): Promise<HelperSide | { readonly error: ReturnType<typeof helperErrorOf> }> {
  try {
    const connection = await context.connect();
    return { version: connection.helperVersion, protocol: protocolVersion };
  } catch (error) {
    return { error: helperErrorOf(error) };
  }
}
