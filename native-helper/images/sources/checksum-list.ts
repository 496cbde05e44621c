// SPDX-License-Identifier: MIT

const lengths = { sha256: 64, sha512: 128 } as const;

/**
 * The digest of a file in a list as sha256sum(1) writes it (`<hex>  name`), in its BSD form
 * (`SHA256 (name) = <hex>`), or that is of one file and nothing but the digest.
 */
export function digestInList(list: string, name: string, algorithm: 'sha256' | 'sha512'): string | undefined {
  const hex = `[0-9a-fA-F]{${lengths[algorithm]}}`;
  const lines = list.split(/\r?\n/).map((line) => line.trim());
  const plain = new RegExp(`^(${hex})\\s+[*]?(?:\\./)?(.+)$`);
  const bsd = new RegExp(`^${algorithm}\\s*\\((.+)\\)\\s*=\\s*(${hex})$`, 'i');
  const found = new Set<string>();
  for (const line of lines) {
    const [, plainHex, plainName] = plain.exec(line) ?? [];
    const [, bsdName, bsdHex] = bsd.exec(line) ?? [];
    if (plainName === name && plainHex !== undefined) found.add(plainHex.toLowerCase());
    if (bsdName === name && bsdHex !== undefined) found.add(bsdHex.toLowerCase());
  }
  const [bare] = lines.filter((line) => line !== '');
  if (found.size === 0 && bare !== undefined && new RegExp(`^${hex}$`).test(bare)) found.add(bare.toLowerCase());
  return found.size === 1 ? [...found][0] : undefined; // twice with different digests is none
}
