// SPDX-License-Identifier: MIT
// `node file-server.ts DIRECTORY`: serves its files on a free port of this computer, which it prints. A
// process of its own, so that what is measured does not share a thread with it.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const directory = process.argv[2] ?? '.';
const server = http.createServer((request, response) => {
  send(path.join(directory, path.normalize(new URL(request.url ?? '/', 'http://x').pathname)), response).catch(() =>
    response.headersSent ? response.destroy() : response.writeHead(404).end(),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));

async function send(file: string, response: http.ServerResponse): Promise<void> {
  const { size } = await stat(file);
  response.writeHead(200, { 'content-length': size, etag: `"${size}"` });
  await pipeline(createReadStream(file, { highWaterMark: 1024 ** 2 }), response);
}
