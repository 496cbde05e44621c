// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';

/**
 * An instance's name. It is also a host name, a directory, part of an AppArmor profile's name
 * and part of a DNS name, so the grammar is the strictest of them: RFC 1123 labels that begin
 * with a letter, at most 40 characters.
 */
export const instanceName = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, { error: () => say('invalid.instance-name') })
  .brand<'InstanceName'>();
export type InstanceName = z.infer<typeof instanceName>;

/**
 * A word that resolves to an image, such as `tiny`, `debian-12`, at a remote of that name `ubuntu:24.04`, or another
 * user's `mia/mine` (`1001/mine` by number).
 */
export const imageAlias = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]{0,31}:|[a-z0-9_][a-z0-9_.-]{0,31}\/)?[a-z0-9](?:[a-z0-9.+_-]{0,62}[a-z0-9])?$/, {
    error: () => say('invalid.image-alias'),
  })
  .brand<'ImageAlias'>();
export type ImageAlias = z.infer<typeof imageAlias>;

/** A named place that images come from. */
export const remoteName = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/, { error: () => say('invalid.remote-name') })
  .brand<'RemoteName'>();
export type RemoteName = z.infer<typeof remoteName>;

/**
 * A vault image's identity: the sha256, in lower-case hex, of the file that was fetched, or of the disk where none was.
 */
export const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: () => say('invalid.fingerprint') })
  .brand<'Fingerprint'>();
export type Fingerprint = z.infer<typeof fingerprint>;

export const operationId = z
  .string()
  .regex(/^op-[0-9a-z]{10,32}$/)
  .brand<'OperationId'>();
export type OperationId = z.infer<typeof operationId>;

/** Opens one byte stream, once, within ten seconds, from the uid that asked for it. */
export const streamToken = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'StreamToken'>();
export type StreamToken = z.infer<typeof streamToken>;

export const macAddress = z
  .string()
  .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/)
  .brand<'MacAddress'>();
export type MacAddress = z.infer<typeof macAddress>;

/** A point in time as ISO 8601 in UTC, with milliseconds. */
export const timestamp = z.iso.datetime();
