// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { isMap, LineCounter, parseDocument, type Document, type Tags, type YAMLError } from 'yaml';
import { userDataKind, whyIgnored } from '#contract/user-data.ts';
import { excessOf, excessOfText, repeatedKeys } from './limits.ts';
import { schemaWarnings } from './schema-warnings.ts';

/** What a document says that Berth has to know; nothing of it is changed. */
export interface DocumentReport {
  /** It turns vendor data off, or may do so: what Berth adds must go another way. */
  readonly keepsVendorDataOut: boolean;
  readonly isMime: boolean;
  /** What cloud-init will pass over or take otherwise than it was meant, a sentence each. */
  readonly warnings: readonly string[];
}

/** Of what a document unpacks to. */
const mostUnpackedBytes = 8 * 1024 * 1024;
const mostWarnings = 20;
/** What PyYAML refuses to read (reader.py, NON_PRINTABLE). */
const unreadable = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Looks at a document as cloud-init does. To be called in a process without rights: the document is foreign.
 *
 * @throws Error that says why cloud-init could do nothing with it, or what is beyond all bounds
 */
export function checkDocument(given: Buffer): DocumentReport {
  const ignored = whyIgnored(given);
  if (ignored !== undefined) throw new Error(ignored);
  const bytes = userDataKind(given) === 'gzip' ? unpack(given) : given;
  const kind = userDataKind(bytes);
  if (kind === undefined) throw new Error(`what it unpacks to is not usable: ${whyIgnored(bytes) ?? 'it is empty'}`);
  if (kind === 'gzip') throw new Error('it is packed twice; cloud-init unpacks it once');
  if (kind !== 'cloud-config') {
    const warnings = isUtf8(bytes)
      ? []
      : ['It is not UTF-8: cloud-init 22.4 cannot write such a script, and does not run it.'];
    const report = { keepsVendorDataOut: speaksOfVendorData(bytes), isMime: kind === 'mime', warnings };
    // cloud-init unpacks a part of a document, but looks for no parts in it then.
    if (report.keepsVendorDataOut && report.isMime && bytes !== given)
      throw new Error('it speaks of vendor_data in packed MIME; send it unpacked');
    return report;
  }
  return withinTheStack(() => checkConfig(bytes));
}

/** Who reads what is nested without end has no room left at last. */
function withinTheStack(check: () => DocumentReport): DocumentReport {
  try {
    return check();
  } catch (error) {
    throw error instanceof RangeError ? new Error('it is nested too deep', { cause: error }) : error;
  }
}

function checkConfig(bytes: Buffer): DocumentReport {
  const lines = new LineCounter();
  const config = read(bytes, lines);
  const repeated = repeatedKeys(config).map(
    ({ key, offset }) => `Line ${lines.linePos(offset).line}: ${key} is there twice; the later one counts.`,
  );
  const warnings = [...repeated, ...schemaWarnings(config, lines)];
  return { keepsVendorDataOut: turnsVendorDataOff(config), isMime: false, warnings: warnings.slice(0, mostWarnings) };
}

function unpack(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostUnpackedBytes });
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(
      isTooLong ? `it unpacks to more than ${mostUnpackedBytes} bytes` : 'it is gzip that cannot be unpacked',
      { cause: error },
    );
  }
}

/** YAML 1.1, which cloud-init reads. */
function read(bytes: Buffer, lines: LineCounter): Document {
  const text = decode(bytes);
  const excess = excessOfText(text);
  if (excess !== undefined) throw new Error(excess);
  // Binary data stays text, which is what cloud-init's schema takes it for.
  const customTags = (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:binary');
  const config = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    customTags,
  });
  const [error] = config.errors;
  const reason = error ? `line ${lines.linePos(error.pos[0]).line}: ${wordsOf(error)}` : excessOf(config);
  if (reason !== undefined) throw new Error(reason);
  if (config.contents !== null && !isMap(config.contents))
    throw new Error('the document is not a mapping of keys to values');
  return config;
}

function wordsOf({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here; cloud-init reads one' : message;
}

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8, which YAML has to be');
  const text = bytes.toString();
  const foreign = unreadable.exec(text);
  if (!foreign) return text;
  const code = foreign[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
  throw new Error(
    `line ${text.slice(0, foreign.index).split('\n').length}: the character U+${code} may not stand in YAML`,
  );
}

/** cloud-init takes no vendor data where this is no mapping, or says so (cloudinit/stages.py, _consume_vendordata). */
function turnsVendorDataOff(config: Document): boolean {
  if (!isMap(config.contents) || !config.has('vendor_data')) return false;
  const settings = config.get('vendor_data');
  if (!isMap(settings) || settings.has('disabled_handlers') || settings.has('<<')) return true;
  return settings.has('enabled') && !['true', 'yes', 'on', '1'].includes(String(settings.get('enabled')).toLowerCase());
}

/** Whether the words are in it anywhere: templates and parts are put together in the guest only. */
function speaksOfVendorData(bytes: Buffer): boolean {
  if (bytes.includes('vendor_data')) return true;
  const packed = /^content-transfer-encoding:[ \t]*base64[^]*?\r?\n\r?\n([A-Za-z0-9+/=\s]+)/gim;
  return [...bytes.toString('latin1').matchAll(packed)].some(([, body = '']) =>
    Buffer.from(body, 'base64').includes('vendor_data'),
  );
}
