// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import { HelperError, messageOf, storageError } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import type { Logger } from '../core/log.ts';
import { writeDurably } from './durable.ts';
import { readStateFile } from './read-state-file.ts';
import { setAside } from './set-aside.ts';
import { carryUnknown, unknownPaths, withUnknown, type Identities } from './unknown-keys.ts';

type Json = Readonly<Record<string, unknown>>;

interface DocumentForm<Content extends object> {
  /** What tells objects of it from each other. */
  readonly identities?: Identities;
  /** From version 1 to 2, from 2 to 3, and so on to this version's. Each gets what the one before made. */
  readonly steps?: readonly ((content: Json) => Json)[];
  /**
   * The lowest version in which this very content can be written as it is: what an earlier helper can use says so.
   * Without it every file has the highest.
   */
  leastSchema?(this: void, content: Content): number;
  /** `optional`: the first version had no `schema`, and an earlier helper refuses one. */
  readonly numbering?: 'optional';
  /** One line: for what is long and read by nobody. */
  readonly isCompact?: boolean;
}

/** A kind of JSON file that the helper keeps: its content in this version, and how it comes from earlier ones. */
export interface DocumentKind<Content extends object>
  extends
    Required<Omit<DocumentForm<Content>, 'numbering' | 'leastSchema'>>,
    Pick<DocumentForm<Content>, 'leastSchema'> {
  readonly schema: z.ZodType<Content>;
  readonly isNumbered: boolean;
}

/**
 * A schema number says what an earlier helper cannot read; what it can pass by goes without a new one. So a schema
 * leaves out the keys it does not know, at every depth: they are kept beside the content ({@link carryUnknown}).
 */
export function documentKind<Content extends object>(
  schema: z.ZodType<Content>,
  { identities = {}, steps = [], leastSchema, numbering, isCompact = false }: DocumentForm<Content> = {},
): DocumentKind<Content> {
  return {
    schema,
    identities,
    steps,
    isNumbered: numbering === undefined,
    isCompact,
    ...(leastSchema && { leastSchema }),
  };
}

/**
 * The content of a file's text. What this version does not know of it goes along and is written again.
 * @throws HelperError record.not-json, record.damaged, record.newer
 */
export function parseDocument<Content extends object>(
  kind: DocumentKind<Content>,
  text: string,
  file: string,
): Content {
  const content = objectOf(text, file);
  // first of all: how deep a later version's may be is for that version to say
  versionOf(kind, content, file);
  const deep = Object.entries(content).find(([, value]) => !isWithin(value, mostLevels));
  if (deep) throw damaged(file, [deep[0]]);
  const raw = upToDate(kind, content, file);
  const { data, error } = kind.schema.safeParse(raw);
  if (error) throw damaged(file, error.issues[0]?.path ?? []);
  return carryUnknown(data, raw, kind.identities);
}

/**
 * Undefined where there is no such file.
 * @throws HelperError storage.failed, record.not-json, record.damaged, record.newer
 */
export async function readDocument<Content extends object>(
  kind: DocumentKind<Content>,
  file: string,
): Promise<Content | undefined> {
  const text = await readStateFile(file);
  return text === undefined ? undefined : parseDocument(kind, text, file);
}

/**
 * Undefined where there is no such file, and where it cannot be used: whatever is in its place is set aside then,
 * beside it, and told in the log; the helper goes on without it. A later version's file stays where it is, for that
 * version: who asks for it does without, writes none in its place, and says so.
 * @throws HelperError record.newer
 */
export async function loadDocument<Content extends object>(
  kind: DocumentKind<Content>,
  file: string,
  log: Logger,
): Promise<Content | undefined> {
  try {
    const content = await readDocument(kind, file);
    if (content) tellUnknown(content, file, log);
    return content;
  } catch (error) {
    if (isNewer(error)) throw error;
    const aside = await setAside(file).catch(() => undefined); // the disk refuses: it stays where it is
    log.error({ file, aside, reason: messageOf(error) }, 'a file of the state cannot be read and was set aside');
    return undefined;
  }
}

/** Whether a file could not be used because a later version wrote it. */
export function isNewer(error: unknown): error is HelperError {
  return error instanceof HelperError && error.code === 'record.newer';
}

/** Says what of a file this version does not know and keeps as it is. */
export function tellUnknown(content: object, file: string, log: Logger): void {
  const paths = unknownPaths(content);
  if (paths.length === 0) return;
  const keys = paths.slice(0, mostToldKeys).map((path) => foreignWords(path, 100));
  log.info({ file, keys, count: paths.length }, 'written by a later version of Berth; unknown keys are kept');
}

/** The text of a file, with what the content carries of a later version; and the content as it is in it. */
export function documentText<Content extends object>(
  { schema, identities, isCompact, leastSchema }: DocumentKind<Content>,
  content: Content,
): { readonly text: string; readonly content: Content } {
  const { error } = schema.safeParse(content);
  if (error)
    // rather than a file that cannot be used at the next start
    throw new HelperError('internal.bug', { reason: `a record that could not be read again: ${error.message}` });
  const whole = withUnknown(content, identities);
  const written = leastSchema ? { ...(whole as object), schema: leastSchema(content) } : whole;
  const text = isCompact ? JSON.stringify(written) : JSON.stringify(written, undefined, 2);
  return { text: `${text}\n`, content: carryUnknown(content, whole, identities) };
}

/**
 * Durable when it resolves, with the content as it is to be written next.
 * @throws HelperError storage.failed, storage.disk-full
 */
export async function writeDocument<Content extends object>(
  kind: DocumentKind<Content>,
  file: string,
  content: Content,
  mode = 0o600,
): Promise<Content> {
  const written = documentText(kind, content);
  try {
    await writeDurably(file, written.text, mode);
  } catch (error) {
    throw storageError('write', file, error);
  }
  return written.content;
}

const mostToldKeys = 40;
/** Records of ours have ten levels. What reads and writes them calls itself for each, and a stack has an end. */
const mostLevels = 64;

function objectOf(text: string, path: string): Json {
  const content = parsed(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new HelperError('record.not-json', { path });
  return content as Json;
}

/** Undefined for what is no JSON; the parser's own words help nobody. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Level by level, without a stack. */
function isWithin(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < levels; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return true;
  }
  return false;
}

/**
 * A content of whatever version, as far as this one's form can be made of it: for who looks for parts of one that
 * cannot be used as a whole.
 */
export function asFarAsKnown<Content extends object>(kind: DocumentKind<Content>, content: Json): Json {
  try {
    return upToDate(kind, content, '');
  } catch {
    return content;
  }
}

/** @throws HelperError record.damaged, record.newer */
function versionOf<Content extends object>(
  { steps, isNumbered }: DocumentKind<Content>,
  content: Json,
  path: string,
): number {
  const version = content['schema'] ?? (isNumbered ? undefined : 1);
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw damaged(path, ['schema']);
  if (version > steps.length + 1) throw new HelperError('record.newer', { path });
  return version;
}

function upToDate<Content extends object>(kind: DocumentKind<Content>, content: Json, path: string): Json {
  const version = versionOf(kind, content, path);
  try {
    return kind.steps
      .slice(version - 1)
      .reduce((before, step, index) => ({ ...step(before), schema: version + index + 1 }), content);
  } catch (error) {
    throw new HelperError('record.damaged', { path, field: 'schema' }, { cause: error });
  }
}

function damaged(path: string, field: readonly PropertyKey[]): HelperError {
  return new HelperError('record.damaged', { path, field: foreignWords(field.map(String).join('.'), 100) });
}
