// SPDX-License-Identifier: MIT The only program of the helper that reads documents of users. It becomes a user without
// rights before it does so, opens no file, and answers with a report, or with one line that says why the document
// cannot be used.
import { buffer } from 'node:stream/consumers';
import { becomeUser } from '../../posix/become-user.ts';
import { checkDocument } from './check-document.ts';

becomeUser();
try {
  process.stdout.write(JSON.stringify(checkDocument(await buffer(process.stdin))));
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}

/** One line. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 300);
}
