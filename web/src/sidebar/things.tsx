import { Archive, ArrowDown, ArrowUp, ChevronDown, ChevronRight, Ellipsis, type IconNode, ListFilter, Merge, Pencil, Plus, Star, StarOff, Tag as TagIcon, Trash2 } from "lucide";
import { useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { all, get } from "../app/store.ts";
import { fold, folded } from "../list/folding.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { type MenuItem, MenuButton } from "../parts/menu.tsx";
import type { Filter, List, Place, Tag } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { inPlace } from "../../tasks/views.ts";
import { countOf } from "./counts.ts";
import { deleteList, deleteThing } from "./deleting.ts";
import { OnDemand } from "../parts/on_demand.tsx";
import { favouriteViews, isFavourite, type Lasting, toggleFavourite } from "./favourites.ts";
import { NavLink } from "./nav_link.tsx";
import type { Edited } from "./thing_dialog.tsx";

type Thing = List | Tag | Filter;
type ThingKind = "list" | "tag" | "filter";
const ICONS: Partial<Record<ThingKind, IconNode>> = { tag: TagIcon, filter: ListFilter };

const loadDialog = async () => (await import("./thing_dialog.tsx")).ThingDialog;
const loadDeleteList = async () => (await import("./delete_list.tsx")).DeleteList;
const loadMergeTag = async () => (await import("./merge_tag.tsx")).MergeTag;

export function Favourites() {
  const found = favouriteViews().flatMap((view) => {
    const thing = get(view.view, view.id);
    return thing ? [{ view, thing }] : [];
  });
  if (found.length === 0) return null;
  return (
    <Heading folds="favourites" text={words.value.bar.favourites}>
      {found.map(({ view, thing }) => (
        <ThingLink key={thing.id} view={view} thing={thing} siblings={[]} />
      ))}
    </Heading>
  );
}

/** Lists: first those without a group, then each group below its name. Archived ones have a page of their own. */
export function Lists() {
  const says = words.value.bar;
  const lists = inPlace(all("list").values()).filter((list) => !list.is_archived);
  const groups = Map.groupBy(lists, (list) => list.group);
  const named = [...groups.keys()].filter((group) => group !== null);
  return (
    <>
      <Heading folds="lists" text={words.value.views.lists} make={{ kind: "list" }}>
        {(groups.get(null) ?? []).map((list, _, siblings) => (
          <ThingLink key={list.id} view={{ view: "list", id: list.id }} thing={list} siblings={siblings} />
        ))}
        {lists.length === 0 && <p class="bar-hint">{says.noLists}</p>}
      </Heading>
      {named.map((group) => (
        <Heading key={group} folds={`group:${group}`} text={group}>
          {(groups.get(group) ?? []).map((list, _, siblings) => (
            <ThingLink key={list.id} view={{ view: "list", id: list.id }} thing={list} siblings={siblings} />
          ))}
        </Heading>
      ))}
    </>
  );
}

export function Things({ kind, text }: { kind: "tag" | "filter"; text: string }) {
  const things = inPlace<Tag | Filter>(all(kind).values());
  return (
    <Heading folds={`${kind}s`} text={text} make={{ kind }}>
      {things.map((thing, _, siblings) => (
        <ThingLink key={thing.id} view={{ view: kind, id: thing.id }} thing={thing} siblings={siblings} />
      ))}
    </Heading>
  );
}

function Heading({
  folds,
  text,
  make,
  children,
}: {
  folds: string;
  text: string;
  make?: Edited;
  children: preact.ComponentChildren;
}) {
  const [isMaking, setMaking] = useState(false);
  const key = `bar:${folds}`;
  const isFolded = folded.value.has(key);
  return (
    <section>
      <h2>
        <button type="button" aria-expanded={!isFolded} onClick={() => fold(key)}>
          <span>{text}</span>
          <Icon of={isFolded ? ChevronRight : ChevronDown} size={14} />
        </button>
        {make && (
          <IconButton label={words.value.bar.make[make.kind]} icon={Plus} size={16} onClick={() => setMaking(true)} />
        )}
      </h2>
      {!isFolded && children}
      {isMaking && make && <OnDemand load={loadDialog} props={{ edited: make, onClose: () => setMaking(false) }} />}
    </section>
  );
}

/** A link to a list, a tag or a filter, and what can be done with it. */
function ThingLink({ view, thing, siblings }: { view: Lasting; thing: Thing; siblings: readonly Thing[] }) {
  const [asks, setAsks] = useState<"edit" | "delete" | "merge" | null>(null);
  const { common } = words.value;
  const close = () => setAsks(null);
  return (
    <div class="thing">
      <NavLink view={view} icon={ICONS[view.view]} color={thing.color}>
        {thing.name}
      </NavLink>
      <MenuButton
        label={`${common.more}: ${thing.name}`}
        icon={Ellipsis}
        items={() => itemsOf(view, thing, siblings, setAsks)}
      />
      {asks === "edit" && <OnDemand load={loadDialog} props={{ edited: { kind: view.view, thing } as Edited, onClose: close }} />}
      {asks === "delete" && <OnDemand load={loadDeleteList} props={{ list: thing as List, onClose: close }} />}
      {asks === "merge" && <OnDemand load={loadMergeTag} props={{ tag: thing as Tag, onClose: close }} />}
    </div>
  );
}

function itemsOf(
  view: Lasting,
  thing: Thing,
  siblings: readonly Thing[],
  ask: (what: "edit" | "delete" | "merge") => void,
): MenuItem[] {
  const says = words.value.bar;
  const kind = view.view;
  const is = isFavourite(view);
  return [
    { label: words.value.common.edit, icon: Pencil, choose: () => ask("edit") },
    { label: is ? says.noFavourite : says.favourite, icon: is ? StarOff : Star, choose: () => toggleFavourite(view) },
    ...moves(kind, thing, siblings),
    ...(kind === "list" ? [{ label: says.archive, icon: Archive, choose: () => archive(thing) }] : []),
    ...(kind === "tag" && all("tag").size > 1 ? [{ label: says.merge, icon: Merge, choose: () => ask("merge") }] : []),
    {
      label: words.value.common.delete,
      icon: Trash2,
      danger: true,
      apart: true,
      choose: () => {
        if (kind !== "list") deleteThing(kind, thing);
        else if (countOf(view) > 0) ask("delete");
        else deleteList(thing as List, "inbox");
      },
    },
  ];
}

/** The way to put them in order without dragging. */
function moves(kind: ThingKind, thing: Thing, siblings: readonly Thing[]): MenuItem[] {
  const says = words.value.task;
  const at = siblings.findIndex(({ id }) => id === thing.id);
  const [above, below] = [siblings[at - 1], siblings[at + 1]];
  const move = (to: Place) => act({ op: "move", kind, id: thing.id, to });
  return [
    ...(above ? [{ label: says.moveUp, icon: ArrowUp, choose: () => void move({ before: above.id }) }] : []),
    ...(below ? [{ label: says.moveDown, icon: ArrowDown, choose: () => void move({ after: below.id }) }] : []),
  ];
}

function archive(thing: Thing): void {
  const said = words.value.bar.archived.replace("#", thing.name);
  act({ op: "update", kind: "list", id: thing.id, list: { is_archived: true } }, said);
}
