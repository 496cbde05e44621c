// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { largestUserDataBytes, prepareUserData, whyIgnored } from '#contract/user-data.ts';
import { say } from '#messages/say.ts';
import { explainFailure } from '../client/transfer/explain.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { tell } from './output.ts';

const fetchLimitMs = 60_000;
const mostRedirects = 5;

/**
 * The document that `--cloud-init` names: a file, `-` for stdin, or an https URL, which is fetched as the user. It
 * comes back as the bytes it is; what was put to it is said.
 *
 * @throws CliError for what cannot be read, is too long, or would be ignored by cloud-init
 */
export async function readUserData(source: string): Promise<Uint8Array> {
  const bytes = await read(source).catch((error: unknown) => {
    throw refused(source, explainFailure(error));
  });
  const prepared = prepareUserData(bytes);
  for (const note of prepared.notes) tell(say('cli.launch.user-data-remark', { source, remark: note }));
  const ignored = whyIgnored(prepared.bytes);
  if (ignored !== undefined) throw refused(source, ignored);
  return prepared.bytes;
}

function refused(source: string, reason: string): CliError {
  return new CliError(say('cli.launch.user-data-refused', { source, reason }), exitCodes.usage);
}

async function read(source: string): Promise<Buffer> {
  if (source === '-') return await buffer(limited(process.stdin));
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return await fetchDocument(source);
  await using file = await open(source);
  return await buffer(limited(file.createReadStream({ autoClose: false })));
}

/** By https alone, also where the server sends on elsewhere: the document decides who may do what in the instance. */
async function fetchDocument(source: string): Promise<Buffer> {
  const signal = AbortSignal.timeout(fetchLimitMs);
  let url = new URL(source);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    if (url.protocol !== 'https:') throw new Error(say('cli.launch.not-https', { protocol: url.protocol }));
    const response = await fetch(url, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } }).catch(
      (error: unknown) => {
        throw new Error(causeOf(error), { cause: error });
      },
    );
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      continue;
    }
    if (!response.ok)
      throw new Error(say('cli.launch.server-answer', { status: `${response.status} ${response.statusText}` }));
    return await buffer(limited(response.body ?? []));
  }
  throw new Error(say('cli.launch.redirects', { most: mostRedirects }));
}

/** fetch's own message says nothing of the reason. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
}

/** At most a little more than the contract lets through: a device or pipe without end must not fill the memory. */
async function* limited(source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > largestUserDataBytes) throw new Error(say('cli.launch.too-large', { bytes: largestUserDataBytes }));
    yield Buffer.from(chunk);
  }
}
