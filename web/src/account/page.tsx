import { CircleCheck } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { follow } from "../app/place.ts";
import { BASE, TITLE } from "../app/server.ts";
import { Icon } from "../parts/icon.tsx";

/** A page for whoever is not logged in, or comes from a mail. */
export function Page({ title, children }: { title: string; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${title} - ${TITLE}`;
    // On a phone it would bring up the keyboard before anything was read.
    if (matchMedia("(pointer: fine)").matches) main.current?.querySelector<HTMLElement>("input, form button")?.focus();
  }, [title]);
  return (
    <div onClick={follow}>
      <main class="page" ref={main}>
        <a class="brand" href={`${BASE}/`}>
          <Icon of={CircleCheck} size={24} />
          {TITLE}
        </a>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}

/** What was done, in place of the form that did it. It has the focus, which was in the form. */
export function Done({ children }: { children: ComponentChildren }) {
  return (
    <p role="status" tabIndex={-1} ref={(element) => element?.focus()}>
      {children}
    </p>
  );
}
