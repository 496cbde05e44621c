// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { ProcessRunner, StreamedProcess } from '../../core/seams/processes.ts';
import { ownProgram } from '../../core/own-program.ts';
import type { FetchHead, FetchRequest } from '../fetch/fetch-request.ts';
import type { ReadRequest } from '../fetch/read-products.ts';
import { proxiesOf, type NetworkEnvironment } from './proxies.ts';
import { readFault } from './read-fault.ts';
import { TransferFault } from './transfer-fault.ts';

/** Of our own, above every range that systemd and shadow give away, and beside those of machines: it owns nothing. */
export const networkUser = { uid: 1_899_999_998, gid: 1_899_999_998 };

/** Beside this file in the sources; beside the helper in a package. */
export const fetchProgram = ownProgram(import.meta.dirname, '../fetch/main.ts', 'fetch.mjs');
const longestHead = 4096;

export interface Transfer {
  readonly head: FetchHead;
  /** The bytes after the head, as {@link StreamedProcess.blocks}. It may be left early: the program is ended then. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Sends one request by a process of its own that has no rights, and hands `use` what comes. The
 * process is gone afterwards, however it went.
 * @throws TransferFault
 */
export async function transfer<Result>(
  request: FetchRequest,
  services: { readonly runner: ProcessRunner; readonly network: NetworkEnvironment; readonly signal: AbortSignal },
  use: (transfer: Transfer) => Promise<Result>,
): Promise<Result> {
  const { signal } = services;
  signal.throwIfAborted();
  const child = await services.runner.stream(
    {
      program: 'node',
      args: ['--max-old-space-size=256', '--no-warnings', fetchProgram, 'fetch'],
      becomes: networkUser,
      confinement: 'none-needed',
      env: environmentOf(services.network),
    },
    framed(request),
  );
  const stop = (): void => {
    void child.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await use(await begin(child));
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await child.stop();
  }
}

/**
 * What the program is asked: a line of JSON, then what is to be read. Not in its command line, which everybody on the
 * computer can read.
 */
export function framed(request: FetchRequest | ReadRequest, document: Uint8Array = Buffer.alloc(0)): string {
  return `${JSON.stringify(request)}\n${Buffer.from(document.buffer, document.byteOffset, document.byteLength).toString()}`;
}

async function begin(child: StreamedProcess): Promise<Transfer> {
  const { blocks } = child;
  let begun = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await blocks.next();
    if (done === true) throw await faultOf(child);
    begun = Buffer.concat([begun, value]);
    const end = begun.indexOf(0x0a);
    if (end >= 0)
      return {
        head: JSON.parse(begun.toString('utf8', 0, end)) as FetchHead,
        body: rest(child, begun.subarray(end + 1)),
      };
    if (begun.length > longestHead)
      throw new HelperError('internal.bug', { reason: 'the fetching program said nothing that can be read' });
  }
}

async function* rest(child: StreamedProcess, first: Buffer): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* child.blocks;
  const { exitCode } = await child.exited;
  if (exitCode !== 0) throw await faultOf(child);
}

async function faultOf(child: StreamedProcess): Promise<TransferFault> {
  await child.exited;
  const last = child.recentErrors().at(-1) ?? '';
  try {
    return new TransferFault(readFault(last));
  } catch {
    return new TransferFault({ kind: 'passing', reason: last === '' ? sentence('fetch.program-was-ended') : last });
  }
}

function environmentOf(network: NetworkEnvironment): Record<string, string> {
  const own = process.env;
  const { https, http } = proxiesOf(network);
  const values = {
    HTTPS_PROXY: https,
    HTTP_PROXY: http,
    NO_PROXY: network.noProxy ?? own.NO_PROXY ?? own.no_proxy,
    NODE_EXTRA_CA_CERTS: network.certificates,
    // Whom this computer trusts, as its other programs do: a company's network often has an authority of its own.
    NODE_USE_SYSTEM_CA: '1',
    SSL_CERT_FILE: own.SSL_CERT_FILE,
    SSL_CERT_DIR: own.SSL_CERT_DIR,
    NODE_USE_ENV_PROXY: '1', // Node 24 asks for it
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
