// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Sockets lie some 60 bytes below it, and their names have room for 107 (unix(7)). */
const lengthLimit = 40;
const common = '/tmp';

/**
 * Where system tests make their directories: the caller's TMPDIR when it will do, else /tmp. Machines,
 * dnsmasq and downloads run as users of their own and pass through it, so each folder on the way needs
 * mode o+x, which a private TMPDIR does not have.
 */
export function testDirectory(): { readonly directory: string; readonly note: string | undefined } {
  const asked = os.tmpdir();
  const reason = unfitness(asked);
  if (reason === undefined) return { directory: asked, note: undefined };
  return { directory: common, note: `Tests use ${common}: TMPDIR is ${asked}, and ${reason}` };
}

function unfitness(directory: string): string | undefined {
  if (!fs.existsSync(directory)) return 'it is not there';
  if (directory.length > lengthLimit) return 'unix sockets below it would have names that are too long';
  for (let each = fs.realpathSync(directory); ; each = path.dirname(each)) {
    if ((fs.statSync(each).mode & 0o001) === 0) return `users of machines cannot enter ${each}`;
    if (each === path.dirname(each)) return undefined;
  }
}
