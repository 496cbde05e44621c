// SPDX-License-Identifier: MIT
// The only program of the helper that talks to servers and reads their lists. It becomes a user without
// rights before it does so, opens no file, and hands on what comes: a line of JSON, then the bytes.
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { becomeUser } from '../../process/become-user.ts';
import { FetchError, type FetchFault, type FetchRequest } from './fetch-request.ts';
import { httpGet } from './http-get.ts';
import type { ReadRequest } from './read-products.ts';

try {
  const request = JSON.parse(process.argv[2] ?? '') as FetchRequest | ReadRequest;
  const readDocument = 'read' in request ? (await import('./read-products.ts')).readDocument : undefined; // a transfer needs none of it
  becomeUser();
  if ('read' in request) process.stdout.write(JSON.stringify(readDocument?.(await text(process.stdin), request)));
  else await fetch(request);
} catch (error) {
  const fault: FetchFault = { kind: error instanceof FetchError ? error.kind : 'passing', reason: reasonOf(error) };
  process.stderr.write(`${JSON.stringify(fault)}\n`);
  process.exitCode = 1;
}

async function fetch(request: FetchRequest): Promise<void> {
  const { head, body } = await httpGet(request);
  process.stdout.write(`${JSON.stringify(head)}\n`);
  await pipeline(body, process.stdout);
}

/** One line; several addresses that failed are one AggregateError without a message of its own. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (first instanceof Error && 'issues' in first && Array.isArray(first.issues)) {
    const [issue] = first.issues as { readonly path: readonly PropertyKey[]; readonly message: string }[];
    return `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300);
  }
  const message = first instanceof Error ? first.message : String(first);
  return (message === 'aborted' ? 'the server closed the connection early' : message).replaceAll(/\s+/g, ' ').slice(0, 300);
}
