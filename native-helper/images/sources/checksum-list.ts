// SPDX-License-Identifier: MIT

type Algorithm = 'sha256' | 'sha512';

interface Forms {
  /** How an entry may look; each with its digest as `hex` and its file as `path`. */
  readonly entries: readonly RegExp[];
  /** A digest alone. */
  readonly lone: RegExp;
}

interface Entry {
  /** As the list writes it, with its folders. */
  readonly path: string;
  /** Escaped names are of a system where `\` is a letter of a name. */
  readonly isEscaped: boolean;
  readonly hex: string;
}

/** A longer line names no file of ours: PATH_MAX, twice where each character is escaped, and a digest. */
const longestLine = 9000;
/** Lists with a digest a line, by algorithm; `\` before a line says that its name is escaped (coreutils). */
const forms = {
  sha256: formsOf('256', 64),
  sha512: formsOf('512', 128),
} as const;

/**
 * The digest of a file in a list: as sha256sum(1) writes it (`<hex> name`), in its BSD form (`SHA256 (name) = <hex>`,
 * OpenSSL's `SHA2-256(name)= <hex>`), in PowerShell's table or list (Get-FileHash), or in a file that has one digest
 * and nothing else. A name with folders counts where the name alone is not listed. None where the list says two
 * digests.
 */
export function digestInList(list: string, name: string, algorithm: Algorithm): string | undefined {
  const text = withoutWraps(list);
  const exact = new Set<string>();
  const elsewhere = new Set<string>();
  // A server that is not trusted wrote the list, and the helper's loop waits: each line is read once, and only where
  // the name is in it.
  for (const line of linesWith(text, [...new Set([name, escape(name)])])) {
    const entry = line.length > longestLine ? undefined : readLine(line, algorithm);
    if (entry === undefined) continue;
    if (entry.path === name || entry.path === `./${name}`) exact.add(entry.hex);
    else if (isBelowAFolder(entry, name)) elsewhere.add(entry.hex);
  }
  const found = exact.size > 0 ? exact : elsewhere;
  if (found.size === 0) return loneDigest(list, algorithm);
  return found.size === 1 ? [...found][0] : undefined; // twice with different digests is none
}

/** A list's bytes as text: PowerShell writes UTF-16 where output goes into a file. */
export function textOfList(document: Buffer): string {
  if (document[0] === 0xff && document[1] === 0xfe) return document.toString('utf16le', 2);
  return document.toString('utf8').replace(/^\ufeff/, '');
}

function formsOf(bits: string, digits: number): Forms {
  const hex = `(?<hex>[0-9a-f]{${digits}})`;
  const entries = [
    `^(?<mark>\\\\?)${hex}[ \\t]+[*]?(?<path>[^]+)$`, // sha256sum(1)
    `^(?<mark>\\\\?)SHA(?:2?-)?${bits}[ \\t]*\\((?<path>[^]+)\\)[ \\t]*=[ \\t]*${hex}$`, // BSD, OpenSSL
    `^SHA${bits}[ \\t]+${hex}[ \\t]+(?<path>[^]+)$`, // PowerShell's table
    `^Algorithm +: SHA${bits}\\s+Hash +: ${hex}\\s+Path +: (?<path>[^]+)$`, // PowerShell's list
  ];
  return {
    entries: entries.map((each) => new RegExp(each, 'i')),
    lone: new RegExp(`^\\s*${hex}[ \\t]*(?:\\r?\\n|$)`, 'i'),
  };
}

function readLine(line: string, algorithm: Algorithm): Entry | undefined {
  for (const form of forms[algorithm].entries) {
    const { mark = '', hex, path } = form.exec(line)?.groups ?? {};
    if (hex !== undefined && path !== undefined)
      return { path: mark === '' ? path : unescaped(path), isEscaped: mark !== '', hex: hex.toLowerCase() };
  }
  return undefined;
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([nr\\])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\');
}

/** As coreutils write a name that would break a line. */
function escape(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

function isBelowAFolder({ path, isEscaped }: Entry, name: string): boolean {
  const before = path.at(-name.length - 1);
  return path.endsWith(name) && (before === '/' || (before === '\\' && !isEscaped));
}

/**
 * Lines in which one of the texts is, without the blanks around them; of a PowerShell list the three lines that are one
 * entry.
 */
function* linesWith(list: string, texts: readonly string[]): Generator<string> {
  for (const text of texts) {
    for (let from = 0, at = list.indexOf(text); at >= 0; at = list.indexOf(text, from)) {
      const start = list.lastIndexOf('\n', at - 1) + 1;
      const end = list.indexOf('\n', at);
      from = end < 0 ? list.length : end + 1;
      const line = list.slice(start, from);
      yield trimmed(/^Path +: /.test(line) ? list.slice(startOfBlock(list, start), from) : line);
      if (from >= list.length) break;
    }
  }
}

/** `line` with its end, without blanks at either side; other characters that may end a line somewhere are a name's. */
function trimmed(line: string): string {
  const blanks = ' \t';
  let start = 0;
  let end = line.endsWith('\n') ? line.length - 1 : line.length;
  if (line[end - 1] === '\r') end -= 1;
  while (start < end && blanks.includes(line.charAt(start))) start += 1;
  while (end > start && blanks.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

/** Algorithm and digest stand in the two lines before the path's. */
function startOfBlock(list: string, path: number): number {
  const hash = list.lastIndexOf('\n', path - 2);
  return hash <= 0 ? 0 : list.lastIndexOf('\n', hash - 1) + 1;
}

/** PowerShell's list goes on below the value where a line is too long. */
function withoutWraps(list: string): string {
  return /^Algorithm +: /m.test(list) ? list.replaceAll(/\r?\n {12}(?=\S)/g, '') : list;
}

/** The digest that a file begins with, unless there are others: those are of other files. */
function loneDigest(list: string, algorithm: Algorithm): string | undefined {
  const [line = '', hex] = forms[algorithm].lone.exec(list) ?? [];
  return /[0-9a-f]{32}/i.test(list.slice(line.length)) ? undefined : hex?.toLowerCase();
}
