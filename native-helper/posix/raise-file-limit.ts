// SPDX-License-Identifier: MIT
import koffi from 'koffi';

/** RLIMIT_NOFILE of asm-generic/resource.h. */
const noFile = 7;
/** As in the service's unit: about six for each machine, and those of its shares and sessions. */
const wanted = 65_536n;

const libc = koffi.load('libc.so.6');
const getLimit = libc.func('int getrlimit(int resource, void *limit)');
const setLimit = libc.func('int setrlimit(int resource, void *limit)');

/**
 * Lets this process have as many open files as machines need, whatever its starter left it (setrlimit(2)). Returns how
 * many it may have: fewer where it lacks the right to raise its limit.
 */
export function raiseFileLimit(): number {
  const now = new BigUint64Array(2);
  if (getLimit(noFile, now) !== 0) return 0;
  const [soft = 0n, hard = 0n] = now;
  if (soft >= wanted) return Number(soft);
  const most = BigUint64Array.of(wanted, hard > wanted ? hard : wanted);
  if (setLimit(noFile, most) === 0) return Number(wanted);
  const least = hard < wanted ? hard : wanted;
  return setLimit(noFile, BigUint64Array.of(least, hard)) === 0 ? Number(least) : Number(soft);
}
