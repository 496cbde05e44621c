// SPDX-License-Identifier: MIT
import { Ban, FileInput, FolderInput, Info } from 'lucide-react';
import { useEffect, useState } from 'react';
import { mostPaths } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { dragContent, droppedFiles, type DragContent } from '../../lib/dropped-files.ts';
import { classNames } from '../../lib/class-names.ts';
import { copyIn } from '../../store/copies.ts';
import { setView, store, useBerth } from '../../store/index.ts';
import {
  copyRefusalOf,
  copyShare,
  dropWords,
  isSplit,
  parentsOf,
  refusalOf,
  targetOf,
  type DropPart,
  type DropTarget,
} from './drop-target.ts';
import { ShareSheet } from './ShareSheet.tsx';
import styles from './DropLayer.module.css';

interface Drag {
  readonly content: DragContent;
  readonly target: DropTarget | undefined;
}

const wordShownMs = 6000;
/** Where there is room for more than a line. */
const largeFromPx = 120;

/**
 * Takes what is dropped on whatever stands for an instance: folders are shared with it, files are
 * copied in. While something is dragged, the target lights up and says what will happen, or why
 * nothing can; everywhere else the window says where to drop.
 */
export function DropLayer() {
  const [drag, setDrag] = useState<Drag>();
  const [word, setWord] = useState<string>();
  const draft = useBerth((state) => state.shareDraft);
  useEffect(() => listenForDrags(setDrag, setWord), []);
  useEffect(() => {
    const timer = word === undefined ? undefined : setTimeout(() => setWord(undefined), wordShownMs);
    return () => clearTimeout(timer);
  }, [word]);
  return (
    <>
      {drag?.target === undefined ? null : <DropHint content={drag.content} target={drag.target} />}
      {drag !== undefined && drag.target === undefined ? (
        <p className={styles.word} data-testid="drop-elsewhere">
          <Info aria-hidden="true" />
          {say('drop.elsewhere')}
        </p>
      ) : null}
      {drag === undefined && word !== undefined ? (
        <div className={styles.word} role="alert" data-testid="drop-refused">
          <Ban aria-hidden="true" />
          {word}
        </div>
      ) : null}
      {draft === undefined ? null : (
        <ShareSheet
          key={`${draft.instance} ${draft.sources.join('\0')}`}
          draft={draft}
          onClose={() => setView({ shareDraft: undefined })}
        />
      )}
    </>
  );
}

/** Files find two things to be dropped for, side by side; the one under the pointer is lit. */
function DropHint({ content, target }: { readonly content: DragContent; readonly target: DropTarget }) {
  const instances = useBerth((state) => state.instances);
  const links = useBerth((state) => state.links);
  const parts: readonly DropPart[] = isSplit({ instances, links }, target.instance, content)
    ? ['copy', 'share']
    : [target.part];
  const { left, top, width, height } = target.box;
  return (
    <div
      className={classNames(styles.targets, height >= largeFromPx && styles.large)}
      style={{ left, top, width, height, gridTemplateColumns: parts.length > 1 ? `${copyShare * 3}fr 1fr` : '1fr' }}
    >
      {parts.map((part) => {
        const { title, note, isRefused } = dropWords({ instances, links }, { ...target, part }, content);
        const Icon = isRefused ? Ban : part === 'copy' && parts.length > 1 ? FileInput : FolderInput;
        const isHere = part === target.part;
        return (
          <div
            key={part}
            className={classNames(styles.target, isRefused && styles.invalid, !isHere && styles.other)}
            data-testid={isHere ? 'drop-hint' : 'drop-other'}
          >
            <span className={styles.words}>
              <Icon aria-hidden="true" />
              <span>{title}</span>
              {note === undefined ? null : <small>{note}</small>}
            </span>
          </div>
        );
      })}
    </div>
  );
}

/** Returns the way to stop. */
function listenForDrags(
  setDrag: (change: (before: Drag | undefined) => Drag | undefined) => void,
  setWord: (word: string | undefined) => void,
): () => void {
  let entered: EventTarget | null = null;
  const over = (event: DragEvent): void => {
    const content = dragContent(event.dataTransfer);
    if (content === undefined || !event.dataTransfer) return;
    if (event.type === 'dragenter') entered = event.target;
    setWord(undefined);
    if (takesFilesItself(event)) return setDrag(() => undefined);
    event.preventDefault(); // else a drop would leave this page for the file
    const target = targetOf(event);
    const isWelcome = target !== undefined && !dropWords(store.getState(), target, content).isRefused;
    event.dataTransfer.dropEffect = isWelcome ? 'copy' : 'none';
    setDrag((before) => (before !== undefined && isSame(before.target, target) ? before : { content, target }));
  };
  const leave = (event: DragEvent): void => {
    // The new element is entered before the old one is left: what is left last was the window.
    if (event.target !== entered) return;
    setDrag(() => undefined);
    // A drop that no target takes comes as a leave, at its place; a drag that goes away, at the origin.
    if ((event.clientX > 0 || event.clientY > 0) && !takesFilesItself(event)) setWord(refusalAt(event));
  };
  const drop = (event: DragEvent): void => {
    if (dragContent(event.dataTransfer) === undefined || !event.dataTransfer) return;
    if (takesFilesItself(event)) return setDrag(() => undefined);
    event.preventDefault();
    setDrag(() => undefined);
    setWord(take(event.dataTransfer, targetOf(event)));
  };
  const listeners = [
    ['dragenter', over],
    ['dragover', over],
    ['dragleave', leave],
    ['drop', drop],
  ] as const;
  for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
  };
}

/** A part of the window that has another use for files, see ui/FileDrop.tsx. */
function takesFilesItself(event: DragEvent): boolean {
  return event.target instanceof Element && event.target.closest('[data-takes-files]') !== null;
}

function refusalAt(event: DragEvent): string | undefined {
  const target = targetOf(event);
  const content = dragContent(event.dataTransfer);
  if (target === undefined || content === undefined) return say('drop.elsewhere');
  const { title, isRefused } = dropWords(store.getState(), target, content);
  return isRefused ? title : undefined;
}

/** Does what a drop asks for; returns why where it cannot. */
function take(transfer: DataTransfer, target: DropTarget | undefined): string | undefined {
  const state = store.getState();
  if (target === undefined) return say('drop.elsewhere');
  const refusal = refusalOf(state, target.instance);
  if (refusal !== undefined) return refusal;
  const { folders, files, withoutPath } = droppedFiles(transfer, (file) => window.berth.pathOf(file));
  const instance = state.instances[target.instance];
  if (isForParents(transfer, target) && folders.length === 0 && files.length > 0) {
    setView({ shareDraft: { instance: target.instance, sources: parentsOf(files) } });
    return undefined;
  }
  const copyRefusal =
    files.length > mostPaths
      ? say('drop.too-many', { most: mostPaths })
      : files.length > 0
        ? copyRefusalOf(instance)
        : undefined;
  if (folders.length > 0) setView({ shareDraft: { instance: target.instance, sources: folders } });
  if (files.length > 0 && copyRefusal === undefined && instance) void copyIn(target.instance, files, target.folder);
  return copyRefusal ?? (withoutPath > 0 ? say('drop.without-path') : undefined);
}

/** Where the target had two parts to show. */
function isForParents(transfer: DataTransfer, { part }: DropTarget): boolean {
  return part === 'share' && dragContent(transfer)?.isAllFiles === true;
}

function isSame(one: DropTarget | undefined, other: DropTarget | undefined): boolean {
  return (
    one?.instance === other?.instance &&
    one?.folder === other?.folder &&
    one?.part === other?.part &&
    one?.box.top === other?.box.top &&
    one?.box.height === other?.box.height
  );
}
