// SPDX-License-Identifier: MIT

/**
 * Waits until all are over, also when one fails: an undo that ran beside work still going on would
 * miss what that makes. Then the results, or the first fault in the order given.
 */
export async function allOrFirstFault<const Work extends readonly unknown[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  const outcomes = await Promise.allSettled(work);
  const fault = outcomes.find((outcome) => outcome.status === 'rejected');
  if (fault) throw fault.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as {
    -readonly [Index in keyof Work]: Awaited<Work[Index]>;
  };
}
