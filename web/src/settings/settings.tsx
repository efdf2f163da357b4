import "./settings.css";
import { ArrowLeft, ArrowLeftRight, Bell, Info, type IconNode, Lock, SlidersHorizontal, User } from "lucide";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { BASE, TITLE } from "../app/server.ts";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import { AboutPage } from "./about.tsx";
import { AccountPage } from "./account.tsx";
import { DataPage } from "./data.tsx";
import { GeneralPage } from "./general.tsx";
import { NotificationsPage } from "./notifications.tsx";
import { says } from "./says.ts";
import { SecurityPage } from "./security.tsx";

type Name = keyof typeof says.value.pages;

const PAGES: Record<Name, { icon: IconNode; Page: ComponentType }> = {
  general: { icon: SlidersHorizontal, Page: GeneralPage },
  notifications: { icon: Bell, Page: NotificationsPage },
  account: { icon: User, Page: AccountPage },
  security: { icon: Lock, Page: SecurityPage },
  data: { icon: ArrowLeftRight, Page: DataPage },
  about: { icon: Info, Page: AboutPage },
};
const NAMES = Object.keys(PAGES) as Name[];

/** Pages of settings beside the list of them; on a phone the list leads to the pages. */
export function SettingsPage({ page, start }: { page: string; start: ComponentChildren }) {
  const name = NAMES.find((each) => each === page) ?? "general";
  const { settings } = words.value.views;
  const { pages } = says.value;
  const { Page } = PAGES[name];
  const title = page === "" ? settings : pages[name];
  useEffect(() => {
    document.title = `${title} - ${TITLE}`;
  }, [title]);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the link that was followed is not shown any more.
    if (document.activeElement?.getClientRects().length !== 0 && document.activeElement !== document.body) return;
    element.current?.querySelector("h1")?.focus();
  }, [page]);
  return (
    <div ref={element} class={`scroll settings ${page === "" ? "on-list" : "on-page"}`}>
      <nav class="settings-nav" aria-label={settings}>
        <header class="view-head">
          {start}
          <Heading isMain={page === ""}>{settings}</Heading>
        </header>
        {NAMES.map((each) => (
          <a
            key={each}
            class="nav-link"
            href={`${BASE}/settings/${each}`}
            aria-current={each === name && page !== "" ? "page" : undefined}
          >
            <Icon of={PAGES[each].icon} />
            <span>{pages[each]}</span>
          </a>
        ))}
      </nav>
      <div class="settings-page">
        <header class="view-head">
          <a class="icon-button to-list" href={`${BASE}/settings`} aria-label={settings}>
            <Icon of={ArrowLeft} />
          </a>
          <Heading isMain={page !== ""}>{pages[name]}</Heading>
        </header>
        <Page />
      </div>
    </div>
  );
}

/** Of the two heads one is the page's; they look alike. */
function Heading({ isMain, children }: { isMain: boolean; children: ComponentChildren }) {
  const Tag = isMain ? "h1" : "h2";
  return (
    <Tag class="view-name" tabIndex={-1}>
      {children}
    </Tag>
  );
}
