// SPDX-License-Identifier: MIT
// The only program of the helper that talks to servers and reads their lists. It becomes a user without
// rights before it does so, opens no file, and hands on what comes: a line of JSON, then the bytes. Its argument is
// `fetch` or `read`; what exactly comes on stdin, as a line of JSON and after it the document that is to be read.
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { sentence } from '#messages/sentence.ts';
import type { Reason } from '../../core/said-error.ts';
import { becomeUser } from '../../posix/become-user.ts';
import { FetchError, type FetchFault, type FetchRequest } from './fetch-request.ts';
import { httpGet } from './http-get.ts';
import type { ReadRequest } from './read-products.ts';
import { reasonOf } from './reason-of.ts';

try {
  // a transfer needs none of it
  const readDocument = process.argv[2] === 'read' ? (await import('./read-products.ts')).readDocument : undefined;
  becomeUser();
  const input = await text(process.stdin);
  const end = input.indexOf('\n');
  const request: unknown = JSON.parse(input.slice(0, end));
  if (readDocument) process.stdout.write(JSON.stringify(readDocument(input.slice(end + 1), request as ReadRequest)));
  else await fetch(request as FetchRequest);
} catch (error) {
  const { kind = 'passing', isOfProxy, reason = wordsOf(error) } = error instanceof FetchError ? error : {};
  const fault: FetchFault = { kind, reason, isOfProxy };
  process.stderr.write(`${JSON.stringify(fault)}\n`);
  process.exitCode = 1;
}

/** Of what Node says itself. */
function wordsOf(error: unknown): Reason {
  const words = reasonOf(error);
  return words === 'aborted' ? sentence('fetch.closed-early') : words;
}

async function fetch(request: FetchRequest): Promise<void> {
  const { head, body } = await httpGet(request);
  process.stdout.write(`${JSON.stringify(head)}\n`);
  await pipeline(body, process.stdout);
}
