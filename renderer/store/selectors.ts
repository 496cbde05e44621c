// SPDX-License-Identifier: MIT
import type { HostInstance } from '#contract/host-keys.ts';
import { hasTags } from '#contract/tags.ts';
import type { BerthState } from './apply-message.ts';
import type { HostLink } from './links.ts';
import type { SortColumn, ViewSlice } from './view.ts';

/** Whether the host answers, and is known. */
export const isConnected = ({ link, hasSnapshot }: HostLink): boolean => link.state === 'connected' && hasSnapshot;

/** Instances outside the bin that match the search, in the table's order. */
export const selectVisible = memoized(
  (state: Pick<BerthState, 'instances' | 'search' | 'sort' | 'tags'>) => [
    state.instances,
    state.search,
    state.sort,
    state.tags,
  ],
  (instances, search, sort, chosen) => {
    const used = [...chosen].filter((tag) => tagsOf(instances).includes(tag));
    return visibleInstances(
      Object.values(instances).filter((instance) => hasTags(instance, used)),
      search,
      sort,
    );
  },
);

/** The tags of instances outside the bin. */
export const selectTags = memoized(
  (state: Pick<BerthState, 'instances'>) => [state.instances],
  (instances) => tagsOf(instances),
);

/** Instances in the bin, last deleted first. */
export const selectDeleted = memoized(
  (state: Pick<BerthState, 'instances'>) => [state.instances],
  (instances) =>
    Object.values(instances)
      .filter((instance) => instance.state === 'deleted')
      .sort((a, b) => (b.deletedAt ?? '').localeCompare(a.deletedAt ?? '')),
);

/** Operations of the helper and copies of this window, running ones first, then the last begun first. */
export const selectActivity = memoized(
  (state: Pick<BerthState, 'operations' | 'transfers'>) => [state.operations, state.transfers],
  (operations, transfers) => [...Object.values(operations), ...transfers].sort(byRunningThenBegin),
);

export function visibleInstances(
  all: readonly HostInstance[],
  search: string,
  sort: ViewSlice['sort'],
): readonly HostInstance[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return all
    .filter((instance) => instance.state !== 'deleted' && matches(instance, words))
    .sort((a, b) => sign * compare(a, b, sort.column) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function tagsOf(instances: BerthState['instances']): readonly string[] {
  const used = Object.values(instances).filter(({ state }) => state !== 'deleted');
  return [...new Set(used.flatMap(({ tags = [] }) => tags))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
}

function matches(instance: HostInstance, words: readonly string[]): boolean {
  const text = [
    instance.name,
    instance.state,
    instance.image,
    ...(instance.addresses ?? []),
    instance.description,
    ...(instance.tags ?? []),
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function compare(a: HostInstance, b: HostInstance, column: SortColumn): number {
  const [left, right] = [sortKeys[column](a), sortKeys[column](b)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en', { numeric: true });
}

/** What each column sorts by. */
const sortKeys: Readonly<Record<SortColumn, (instance: HostInstance) => string | number>> = {
  name: (instance) => instance.name,
  state: (instance) => instance.state,
  image: (instance) => instance.image ?? '',
  address: (instance) => instance.addresses?.[0] ?? '',
  resources: (instance) => instance.memoryBytes ?? 0,
  status: (instance) => instance.startedAt ?? '',
};

function byRunningThenBegin<Entry extends { readonly state: string; readonly startedAt: string }>(
  a: Entry,
  b: Entry,
): number {
  return Number(b.state === 'running') - Number(a.state === 'running') || b.startedAt.localeCompare(a.startedAt);
}

/** Computes anew only when one of the inputs is another object than last time. */
function memoized<State, Inputs extends unknown[], Result>(
  inputsOf: (state: State) => [...Inputs],
  compute: (...inputs: Inputs) => Result,
): (state: State) => Result {
  let last: { readonly inputs: [...Inputs]; readonly result: Result } | undefined;
  return (state) => {
    const inputs = inputsOf(state);
    if (last !== undefined && last.inputs.every((input, index) => input === inputs[index])) return last.result;
    last = { inputs, result: compute(...inputs) };
    return last.result;
  };
}
