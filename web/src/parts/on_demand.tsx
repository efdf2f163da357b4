import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toast } from "../app/acting.ts";
import { words } from "../words/words.ts";

const loaded = new Map<unknown, ComponentType<never>>();

/**
 * A component in a chunk of its own, which is loaded when it is first needed. `load` is the same function each time. Until then
 * `children` are shown.
 */
export function OnDemand<Props extends object>({
  load,
  props,
  children = null,
}: {
  load: () => Promise<ComponentType<Props>>;
  props: Props;
  children?: ComponentChildren;
}) {
  // What is loaded is not kept in here: in the same place another `load` is another component.
  const [, drawAgain] = useState({});
  const Loaded = loaded.get(load) as ComponentType<Props> | undefined;
  useEffect(() => {
    if (loaded.has(load)) return;
    load().then(
      (component) => {
        loaded.set(load, component as ComponentType<never>);
        drawAgain({});
      },
      () => toast(words.value.common.notLoaded),
    );
  }, [load]);
  return Loaded ? <Loaded {...props} /> : <>{children}</>;
}
