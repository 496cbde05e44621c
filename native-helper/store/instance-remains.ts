// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { InstanceName } from '#contract/names.ts';
import { instanceRecord, type InstanceRecord } from './instance-record.ts';

const { owner, runAs, mac, image, security, machine } = instanceRecord.shape;

/** Of a record that cannot be read as a whole, what can be: each part by itself. */
const remainsOfRecord = z.object({
  owner: owner.optional().catch(undefined),
  runAs: runAs.optional().catch(undefined),
  mac: mac.optional().catch(undefined),
  image: image.optional().catch(undefined),
  security: security.catch(undefined),
  machine: machine.catch(undefined),
});

/** An instance as far as it is known what was made for it outside its directory: a whole record, or parts of one. */
export type InstanceRemains = Pick<InstanceRecord, 'name'> & z.infer<typeof remainsOfRecord>;

/** What the text of a record tells, however little. */
export function remainsOf(name: InstanceName, text: string | undefined): InstanceRemains {
  try {
    return { name, ...remainsOfRecord.parse(JSON.parse(text ?? '{}')) };
  } catch {
    return { name, ...remainsOfRecord.parse({}) }; // no JSON, or no object
  }
}
