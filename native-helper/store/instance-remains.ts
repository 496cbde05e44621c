// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { InstanceName } from '#contract/names.ts';
import { asFarAsKnown } from './document.ts';
import { instanceDocument, instanceRecord, type InstanceRecord } from './instance-record.ts';

const { id, name, owner, runAs, mac, image, security, machine } = instanceRecord.shape;

/** Of a record that cannot be read as a whole, what can be: each part by itself. */
const remainsOfRecord = z.object({
  id: id.optional().catch(undefined),
  name: name.optional().catch(undefined),
  owner: owner.optional().catch(undefined),
  runAs: runAs.optional().catch(undefined),
  mac: mac.optional().catch(undefined),
  image: image.optional().catch(undefined),
  security: security.catch(undefined),
  machine: machine.catch(undefined),
});

/** An instance as far as it is known what was made for it outside its directory: a whole record, or parts of one. */
export type InstanceRemains = Pick<InstanceRecord, 'name'> &
  Omit<z.infer<typeof remainsOfRecord>, 'name'> & {
    /** What the record calls it; another name than its directory's where that was copied or renamed. */
    readonly recordedName?: InstanceName | undefined;
  };

/** What the text of the record in a directory tells, however little. */
export function remainsOf(directory: InstanceName, text: string | undefined): InstanceRemains {
  const { name: recordedName, ...parts } = partsOf(text);
  return { ...parts, name: directory, recordedName };
}

function partsOf(text: string | undefined): z.infer<typeof remainsOfRecord> {
  try {
    return remainsOfRecord.parse(asFarAsKnown(instanceDocument, JSON.parse(text ?? '{}')));
  } catch {
    return remainsOfRecord.parse({}); // no JSON, or no object
  }
}
