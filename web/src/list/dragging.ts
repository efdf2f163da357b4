/** Dragging tasks, with a library that is loaded when nothing else is to be done: it is not needed for the first picture. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { whenIdle } from "../app/idle.ts";
import type { Id } from "../../sync/things.ts";
import { drop, dragged, dropped, type Edge, type Target } from "./dropping.ts";

type Adapter = typeof import("@atlaskit/pragmatic-drag-and-drop/element/adapter");
let loading: Promise<Adapter> | undefined;

function adapter(): Promise<Adapter> {
  loading ??= new Promise((resolve, reject) => {
    whenIdle(() => import("@atlaskit/pragmatic-drag-and-drop/element/adapter").then(resolve, reject));
  });
  return loading;
}

/** The element can be dragged, by its handle if it has one: `.grip` in it. */
export function useDragOf(element: RefObject<HTMLElement | null>, id: Id): void {
  useEffect(
    () =>
      whenLoaded(({ draggable }) => {
        if (!element.current) return () => {};
        const dragHandle = element.current.querySelector(".grip");
        return draggable({
          element: element.current,
          ...(dragHandle ? { dragHandle } : {}),
          getInitialData: () => ({ ids: dragged(id) }),
        });
      }),
    [element, id],
  );
}

/** Where in the element tasks would be dropped now; null while none is over it. */
export function useDropOn(element: RefObject<HTMLElement | null>, target: Target): Edge | null {
  const [edge, setEdge] = useState<Edge | null>(null);
  const latest = useRef(target);
  latest.current = target;
  useEffect(
    () =>
      whenLoaded(({ dropTargetForElements }) => {
        if (!element.current) return () => {};
        const idsOf = (data: Record<string, unknown>) => (data["ids"] as Id[] | undefined) ?? [];
        return dropTargetForElements({
          element: element.current,
          canDrop: ({ source }) => dropped(idsOf(source.data), latest.current, "after") !== null,
          getData: ({ input, element: over }) => ({ edge: edgeAt(input.clientY, over, latest.current) }),
          getIsSticky: () => latest.current.kind === "task",
          onDrag: ({ self, location }) => setEdge(location.current.dropTargets[0]?.element === element.current ? (self.data["edge"] as Edge) : null),
          onDragLeave: () => setEdge(null),
          onDrop: ({ source, self, location }) => {
            setEdge(null);
            // The innermost of those that lie on each other.
            if (location.current.dropTargets[0]?.element !== element.current) return;
            drop(idsOf(source.data), latest.current, self.data["edge"] as Edge);
          },
        });
      }),
    [element],
  );
  return edge;
}

/** The upper and the lower part of a task mean beside it, the middle below it as a subtask. */
function edgeAt(y: number, element: Element, target: Target): Edge {
  if (target.kind !== "task") return "inside";
  const { top, height } = element.getBoundingClientRect();
  const part = (y - top) / height;
  return part < 0.3 ? "before" : part > 0.7 ? "after" : "inside";
}

function whenLoaded(attach: (found: Adapter) => () => void): () => void {
  let detach = () => {};
  let isOver = false;
  adapter().then(
    (found) => {
      if (!isOver) detach = attach(found);
    },
    () => {
      loading = undefined; // offline, and never loaded: there are other ways to move a task
    },
  );
  return () => {
    isOver = true;
    detach();
  };
}
