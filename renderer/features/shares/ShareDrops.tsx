// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { bringsFiles, droppedFolders } from '../../lib/dropped-folders.ts';
import { setView, store, useBerth } from '../../store/index.ts';
import { classNames } from '../../lib/class-names.ts';
import { ShareSheet } from './ShareSheet.tsx';
import { shareStrings as strings } from './strings.ts';
import styles from './ShareDrops.module.css';

interface DropTarget {
  readonly name: string;
  readonly box: DOMRect;
}

/**
 * Takes folders that are dropped on whatever stands for an instance: an element with `data-instance`.
 * While they are dragged, the target lights up and says what will happen, or why nothing can.
 */
export function ShareDrops() {
  const [target, setTarget] = useState<DropTarget>();
  const [isRefused, setRefused] = useState(false);
  const draft = useBerth((state) => state.shareDraft);
  useEffect(() => {
    let entered: EventTarget | null = null;
    const over = (event: DragEvent): void => {
      if (!bringsFiles(event.dataTransfer)) return;
      if (event.type === 'dragenter') entered = event.target;
      event.preventDefault(); // else a drop would leave this page for the file
      const found = targetOf(event);
      if (event.dataTransfer) event.dataTransfer.dropEffect = found !== undefined && refusalOf(found.name) === undefined ? 'link' : 'none';
      setTarget((before) => (before?.name === found?.name && before?.box.top === found?.box.top ? before : found));
    };
    const leave = (event: DragEvent): void => {
      // The new element is entered before the old one is left: what is left last was the window.
      if (event.target === entered) setTarget(undefined);
    };
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !bringsFiles(event.dataTransfer)) return;
      event.preventDefault();
      setTarget(undefined);
      const found = targetOf(event);
      if (found === undefined || refusalOf(found.name) !== undefined) return;
      const { folders } = droppedFolders(event.dataTransfer);
      setRefused(folders.length === 0);
      if (folders.length > 0) setView({ shareDraft: { name: found.name, sources: folders } });
    };
    const listeners = [['dragenter', over], ['dragover', over], ['dragleave', leave], ['drop', drop]] as const;
    for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
    return () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
    };
  }, []);
  useEffect(() => {
    const timer = isRefused ? setTimeout(() => setRefused(false), refusalShownMs) : undefined;
    return () => clearTimeout(timer);
  }, [isRefused]);
  return (
    <>
      {target === undefined ? null : <DropHint target={target} />}
      {isRefused ? <div className={styles.refused} role="alert" data-testid="drop-refused">{strings.noFolders}</div> : null}
      {draft === undefined ? null : <ShareSheet key={`${draft.name} ${draft.sources.join('\0')}`} draft={draft} onClose={() => setView({ shareDraft: undefined })} />}
    </>
  );
}

const refusalShownMs = 6000;

function DropHint({ target: { name, box } }: { readonly target: DropTarget }) {
  const state = useBerth((all) => all.instances[name]?.state);
  const refusal = refusalOf(name);
  const text = refusal ?? (state === 'running' ? strings.dropHere(name) : strings.dropLater(name));
  return (
    <div className={classNames(styles.target, refusal !== undefined && styles.invalid)} style={{ left: box.left, top: box.top, width: box.width, height: box.height }} data-testid="drop-hint">
      <span>{text}</span>
    </div>
  );
}

function targetOf(event: DragEvent): DropTarget | undefined {
  const element = event.target instanceof Element ? event.target.closest('[data-instance]') : null;
  const name = element?.getAttribute('data-instance');
  return element === null || name === null || name === undefined ? undefined : { name, box: element.getBoundingClientRect() };
}

/** Why nothing can be shared with it; undefined where it can. */
function refusalOf(name: string): string | undefined {
  const instance = store.getState().instances[name];
  if (instance === undefined || instance.state === 'deleted') return strings.deleted(name);
  return instance.isOwn ? undefined : strings.notOwn(name);
}
