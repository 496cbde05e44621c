// SPDX-License-Identifier: MIT

const boundary = '=_berth_1f6e7c0d2a9b_=';

/** A part of text of ours, which is ASCII. */
export function textPart(type: string, fileName: string, text: string): Buffer {
  return Buffer.from(
    [
      `Content-Type: ${type}; charset="us-ascii"`,
      'Content-Transfer-Encoding: 7bit',
      `Content-Disposition: attachment; filename="${fileName}"`,
      '',
      text,
    ].join('\n'),
  );
}

/** Somebody else's bytes, which cloud-init looks at as if they had come alone. */
export function foreignPart(type: string, bytes: Uint8Array): Buffer {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return Buffer.from([`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', '', ...lines].join('\n'));
}

/** MIME as cloud-init reads it (RFC 2046). */
export function multipart(parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.from(`MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n`);
  const between = Buffer.from(`\n--${boundary}\n`);
  return Buffer.concat([head, ...parts.flatMap((part) => [between, part]), Buffer.from(`\n--${boundary}--\n`)]);
}
