// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';

/** An asar archive of a flat folder: two size-prefixed pickles around a JSON header, then the files' bytes. */
export function createDefaultApp(directory: string): Buffer {
  const files: Record<string, { readonly size: number; readonly offset: string }> = {};
  const contents: Buffer[] = [];
  let offset = 0;
  for (const name of fs.readdirSync(directory)) {
    const content = fs.readFileSync(path.join(directory, name));
    files[name] = { size: content.length, offset: String(offset) };
    contents.push(content);
    offset += content.length;
  }
  const header = Buffer.from(JSON.stringify({ files }));
  const padding = (4 - (header.length % 4)) % 4;
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(4, 0);
  sizes.writeUInt32LE(8 + header.length + padding, 4);
  sizes.writeUInt32LE(4 + header.length + padding, 8);
  sizes.writeUInt32LE(header.length, 12);
  return Buffer.concat([sizes, header, Buffer.alloc(padding), ...contents]);
}
