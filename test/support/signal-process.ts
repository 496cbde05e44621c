// SPDX-License-Identifier: MIT

/**
 * Signals one process that a test found, or its group with `group`. kill(2) takes 0 for the caller's own
 * group and -1 for everybody, so a pid that was not found must never reach it.
 * @throws Error when `pid` is not that of a process a test may end
 */
export function signalProcess(pid: number | null | undefined, signal: NodeJS.Signals, { group = false } = {}): void {
  if (!Number.isSafeInteger(pid) || Number(pid) <= 1)
    throw new Error(`there is no process to send ${signal}: pid ${pid}`);
  process.kill(group ? -Number(pid) : Number(pid), signal);
}
