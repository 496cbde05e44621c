// SPDX-License-Identifier: MIT
import { ArrowDown, ArrowUp, Check, Minus } from 'lucide-react';
import { useMemo, type KeyboardEvent } from 'react';
import {
  Cell,
  Checkbox,
  Column,
  Row,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  Virtualizer,
  type Selection,
} from 'react-aria-components';
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import { keyOf, partsOf, type HostInstance, type InstanceKey } from '#contract/host-keys.ts';
import { useMedia } from '../../lib/use-media.ts';
import { actOnAll } from '../../store/commands.ts';
import { setView, useBerth } from '../../store/index.ts';
import type { SortColumn } from '../../store/view.ts';
import { AddressCell, ImageCell, MenuCell, NameCell, ResourcesCell, StateCell, StatusCell } from './InstanceCells.tsx';
import styles from './InstanceTable.module.css';

interface RowItem {
  readonly id: InstanceKey;
}

/** One object per instance for ever: the table sees a change only when the order changes, cells read the store. */
const rowItems = new Map<InstanceKey, RowItem>();

function rowItem(id: InstanceKey): RowItem {
  const known = rowItems.get(id);
  if (known !== undefined) return known;
  const item = { id };
  rowItems.set(id, item);
  return item;
}

/** Arrows move, Space selects, Enter opens, Delete deletes what is selected or focused. */
export function InstanceTable({ instances }: { readonly instances: readonly HostInstance[] }) {
  const sort = useBerth((state) => state.sort);
  const selected = useBerth((state) => state.selected);
  const [, navigate] = useLocation();
  const isNarrow = useMedia('(max-width: 900px)');
  const keys = instances.map(keyOf).join(' ');
  const items = useMemo(() => keys.split(' ').map((key) => rowItem(key as InstanceKey)), [keys]);
  const select = (selection: Selection): void =>
    setView({
      selected:
        selection === 'all'
          ? new Set(items.map((item) => item.id))
          : new Set([...selection].map((key) => key as InstanceKey)),
    });
  const remove = (event: KeyboardEvent): void => {
    if (event.key !== 'Delete') return;
    const focused = document.activeElement?.closest('[data-key]')?.getAttribute('data-key');
    void actOnAll(
      'delete',
      selected.size > 0 ? [...selected] : focused === null || focused === undefined ? [] : [focused as InstanceKey],
    );
  };
  return (
    <div className={styles.holder} onKeyDown={remove}>
      <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: 36, headingHeight: 32 }}>
        <Table
          aria-label={say('common.screen-instances')}
          className={styles.table!}
          selectionMode="multiple"
          selectionBehavior="toggle"
          selectedKeys={selected}
          onSelectionChange={select}
          sortDescriptor={sort}
          onSortChange={({ column, direction }) => setView({ sort: { column: column as SortColumn, direction } })}
          onRowAction={(key) => navigate(instanceAddress(key as InstanceKey))}
        >
          <TableHeader className={styles.header!}>
            <Column width={48} minWidth={48} className={styles.column!}>
              <SelectBox label={say('instances.select-all')} />
            </Column>
            <SortedColumn id="name" isRowHeader minWidth={140} width="1.3fr" />
            <SortedColumn id="state" width={112} />
            {isNarrow ? null : <SortedColumn id="image" width={128} />}
            <SortedColumn id="address" width={148} />
            {isNarrow ? null : <SortedColumn id="resources" width={200} />}
            <SortedColumn id="status" minWidth={160} width="1.4fr" />
            <Column width={60} minWidth={60} className={styles.column!}>
              <span className={styles.hidden}>{say('instances.column-actions')}</span>
            </Column>
          </TableHeader>
          <TableBody items={items} dependencies={[isNarrow]}>
            {({ id }) => {
              const { host, name } = partsOf(id);
              return (
                <Row
                  id={id}
                  textValue={name}
                  className={styles.row!}
                  data-testid={`instance-row-${name}`}
                  data-host={host}
                  data-instance={name}
                >
                  <Cell className={styles.cell!}>
                    <SelectBox label={say('instances.select', { name })} />
                  </Cell>
                  <Cell className={styles.cell!}>
                    <NameCell id={id} />
                  </Cell>
                  <Cell className={styles.cell!}>
                    <StateCell id={id} />
                  </Cell>
                  {isNarrow ? null : (
                    <Cell className={styles.cell!}>
                      <ImageCell id={id} />
                    </Cell>
                  )}
                  <Cell className={styles.cell!}>
                    <AddressCell id={id} />
                  </Cell>
                  {isNarrow ? null : (
                    <Cell className={styles.cell!}>
                      <ResourcesCell id={id} />
                    </Cell>
                  )}
                  <Cell className={styles.cell!}>
                    <StatusCell id={id} />
                  </Cell>
                  <Cell className={styles.cell!}>
                    <MenuCell id={id} />
                  </Cell>
                </Row>
              );
            }}
          </TableBody>
        </Table>
      </Virtualizer>
    </div>
  );
}

interface SortedColumnProps {
  readonly id: SortColumn;
  readonly width: number | `${number}fr`;
  readonly minWidth?: number;
  readonly isRowHeader?: boolean;
}

function SortedColumn({ id, ...rest }: SortedColumnProps) {
  return (
    <Column id={id} allowsSorting className={styles.column!} {...rest}>
      {({ sortDirection }) => (
        <span className={styles.heading}>
          {say(`instances.column-${id}`)}
          {sortDirection === 'ascending' ? (
            <ArrowUp size={12} />
          ) : sortDirection === 'descending' ? (
            <ArrowDown size={12} />
          ) : null}
        </span>
      )}
    </Column>
  );
}

function SelectBox({ label }: { readonly label: string }) {
  return (
    <Checkbox slot="selection" aria-label={label} className={styles.check!}>
      {({ isSelected, isIndeterminate }) => (
        <span>{isIndeterminate ? <Minus size={12} /> : isSelected ? <Check size={12} /> : null}</span>
      )}
    </Checkbox>
  );
}
