// SPDX-License-Identifier: MIT
import { appendFileSync } from 'node:fs';

export interface CheckResult {
  readonly area: string;
  readonly name: string;
  readonly isPassed: boolean;
  readonly detail: string;
  readonly atSeconds: number;
}

const results = '/mnt/results/checks.jsonl';

/** Notes what was checked, at once: a lab that stops half way still says how far it came. */
export function check(area: string, name: string, isPassed: boolean, detail: unknown = ''): void {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
  const result: CheckResult = {
    area,
    name,
    isPassed,
    detail: text.slice(0, 2000),
    atSeconds: Math.round(performance.now() / 100) / 10,
  };
  appendFileSync(results, `${JSON.stringify(result)}\n`);
  console.log(`${String(result.atSeconds).padStart(6)} ${isPassed ? 'ok    ' : 'NOT ok'} ${area}: ${name} ${text}`);
}

/** What a call was refused with; `allowed` where it was not. */
export async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
