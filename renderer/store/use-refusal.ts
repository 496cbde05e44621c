// SPDX-License-Identifier: MIT
import { useCallback, useState } from 'react';
import { describeError } from '#contract/errors.ts';
import { errorDataOf } from '../api/client.ts';

interface Refusal {
  readonly message: string;
  readonly hint: string;
}

/**
 * For a form, which shows itself what it was refused: the last refusal, and the way to do what it asks for. True where
 * that was done; it never rejects.
 */
export function useRefusal(): readonly [Refusal | undefined, (work: () => Promise<unknown>) => Promise<boolean>] {
  const [refusal, setRefusal] = useState<Refusal | undefined>();
  const attempt = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setRefusal(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setRefusal(describeError(errorDataOf(error)));
      return false;
    }
  }, []);
  return [refusal, attempt];
}
