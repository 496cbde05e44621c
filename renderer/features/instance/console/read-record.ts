// SPDX-License-Identifier: MIT
import type { HostInstance } from '#contract/host-keys.ts';
import type { ConsoleBoot } from '#contract/console.ts';
import { request } from '../../../api/client.ts';
import { openStream } from '../../../api/streams.ts';

/** The whole kept record of a boot as text, without the terminal's control sequences. */
export async function readRecord({ host, name }: HostInstance, boot: ConsoleBoot): Promise<string> {
  const opened = await request(host, 'console.open', { name, boot: boot.number, fromOffset: boot.firstOffset });
  const stream = await openStream(opened.token, host);
  const wanted = opened.boot.endOffset - opened.fromOffset;
  const decoder = new TextDecoder();
  const parts: string[] = [];
  await new Promise<void>((resolve) => {
    let received = 0;
    if (wanted <= 0) return resolve();
    stream.listen({
      data(bytes, acknowledge) {
        parts.push(decoder.decode(bytes.subarray(0, wanted - received), { stream: true }));
        received += bytes.length;
        acknowledge(bytes.length);
        if (received >= wanted) resolve();
      },
      end: () => resolve(),
    });
  });
  stream.close();
  return withoutControls(parts.join(''));
}

/** ECMA-48 control sequences, operating system commands and stray controls are for terminals only. */
export function withoutControls(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g, '')
      .replace(/\r+\n/g, '\n')
      // eslint-disable-next-line no-control-regex -- as above
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
  );
}
