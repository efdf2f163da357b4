/**
 * Descriptions as they are read: Markdown, made into elements and never into HTML. What is no Markdown is text, HTML as well; no address
 * is followed by itself, so that images are links.
 */

import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from "marked";
import { type ComponentChild, Fragment, h, type VNode } from "preact";

/** Deeper than a person nests; marked takes the square of it. */
const NESTED = /^[ \t]*(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+){12}/m;
const MAX_DEPTH = 12;
/** Of some things that marked looks for in a word it takes the square of the length. */
const MAX_WORD = 2500;

const ADDRESS = /^(?:https?:\/\/|www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*[^\s<]*/i;
const PLAIN = /^(?:[^\\<![\]`*_~:\nhw]+|[hw](?!ttps?:\/\/|ww\.)|[\s\S])/i;
const MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;

/** marked's own look for mail addresses from each letter of a word on. */
class Reading extends Tokenizer {
  override url(source: string): Tokens.Link | undefined {
    const found = ADDRESS.exec(source)?.[0];
    if (!found) return undefined;
    const raw = withoutEnd(found);
    const href = raw.startsWith("http") || raw.startsWith("HTTP") ? raw : `http://${raw}`;
    return { type: "link", raw, text: raw, href, autolink: true, tokens: [{ type: "text", raw, text: raw, escaped: true }] };
  }

  override inlineText(source: string): Tokens.Text | undefined {
    const raw = PLAIN.exec(source)?.[0];
    return raw ? { type: "text", raw, text: raw, escaped: false } : undefined;
  }
}

/** The stop behind a sentence does not belong to an address in it, nor does a bracket that was opened before. */
function withoutEnd(address: string): string {
  let end = address.length;
  const count = (sign: string) => address.slice(0, end).split(sign).length;
  while (/[?!.,:;*_~'"]/.test(address.charAt(end - 1)) || (address[end - 1] === ")" && count(")") > count("("))) end--;
  return address.slice(0, end);
}

function element(type: string, props: Record<string, unknown> | null, ...children: ComponentChild[]): VNode {
  return h<Record<string, unknown>>(type, props, ...children);
}

export function Markdown({ text }: { text: string }): VNode {
  return element("div", { class: "markdown", dir: "auto" }, ...read(text));
}

function read(text: string): ComponentChild[] {
  if (NESTED.test(text) || text.split(/\s/).some((word) => word.length > MAX_WORD)) return [plain(text)];
  try {
    return blocks(Lexer.lex(text, { gfm: true, breaks: true, tokenizer: new Reading() }), 0);
  } catch {
    return [plain(text)]; // nested too deeply for it, in some other way
  }
}

const plain = (text: string): VNode => element("p", { class: "as-written" }, text);

function blocks(tokens: readonly Token[], depth: number): ComponentChild[] {
  return tokens.map((token) => (depth > MAX_DEPTH ? plain(token.raw) : block(token as MarkedToken, depth)));
}

function block(token: MarkedToken, depth: number): ComponentChild {
  switch (token.type) {
    case "heading":
      // Below the headings of the page.
      return element(`h${Math.min(6, token.depth + 2)}`, { dir: "auto" }, inlines(token.tokens));
    case "paragraph":
      return element("p", { dir: "auto" }, inlines(token.tokens));
    case "blockquote":
      return element("blockquote", { dir: "auto" }, blocks(token.tokens, depth + 1));
    case "list":
      return list(token as Tokens.List, depth);
    case "code":
      return element("pre", { dir: "ltr" }, element("code", null, token.text));
    case "table":
      return table(token as Tokens.Table);
    case "hr":
      return element("hr", null);
    case "html":
      return plain(token.text.trimEnd());
    case "space":
    case "def":
      return null;
    default:
      return inline(token);
  }
}

function list(token: Tokens.List, depth: number): VNode {
  const start = token.ordered && token.start !== 1 ? { start: Number(token.start) } : {};
  return element(token.ordered ? "ol" : "ul", start, token.items.map((item) => listItem(item, depth)));
}

function listItem(item: Tokens.ListItem, depth: number): VNode {
  const children = item.tokens.filter((token) => token.type !== "checkbox");
  if (!item.task) return element("li", { dir: "auto" }, blocks(children, depth + 1));
  const check = element("input", { type: "checkbox", checked: item.checked === true, disabled: true });
  const [first, ...rest] = children;
  const said = first && (first.type === "text" || first.type === "paragraph") ? inline(first as MarkedToken) : null;
  return element("li", { class: "to-do", dir: "auto" }, element("label", null, check, " ", said), blocks(said === null ? children : rest, depth + 1));
}

function table({ header, rows }: Tokens.Table): VNode {
  const cells = (some: Tokens.TableCell[], name: "th" | "td") =>
    some.map(({ align, tokens }) => element(name, { class: align ?? undefined, dir: "auto", ...(name === "th" && { scope: "col" }) }, inlines(tokens)));
  // It can be reached by the keyboard, since it may be wider than what is around it.
  return element(
    "div",
    { class: "table", tabIndex: 0 },
    element("table", null, element("thead", null, element("tr", null, cells(header, "th"))), element("tbody", null, rows.map((row) => element("tr", null, cells(row, "td"))))),
  );
}

function inlines(tokens: readonly Token[] | undefined, isInLink = false): ComponentChild[] {
  return (tokens ?? []).map((token) => inline(token as MarkedToken, isInLink));
}

function inline(token: MarkedToken, isInLink = false): ComponentChild {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return element(token.type, null, inlines(token.tokens, isInLink));
    case "codespan":
      return element("code", { dir: "ltr" }, token.text);
    case "br":
      return element("br", null);
    case "link":
      return link(token.autolink ? token.href : resolved(token.href), inlines(token.tokens, true));
    case "image": {
      const name = resolved(token.text) || token.href;
      return isInLink ? name : link(resolved(token.href), name);
    }
    case "paragraph":
      return h(Fragment, null, inlines(token.tokens));
    case "text":
      if (token.tokens) return h(Fragment, null, inlines(token.tokens));
      if (token.escaped) return token.text;
      return isInLink ? resolved(token.text) : withMail(resolved(token.text));
    case "escape":
      return token.text;
    default:
      return token.raw;
  }
}

const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

function link(href: string, children: ComponentChild | ComponentChild[]): ComponentChild {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (!url || !SCHEMES.has(url.protocol)) return h(Fragment, null, children);
  const opens = url.protocol.startsWith("http") ? { target: "_blank", rel: "noopener noreferrer nofollow" } : { rel: "noreferrer" };
  return element("a", { href: url.href, ...opens }, children);
}

function withMail(text: string): ComponentChild {
  if (!text.includes("@")) return text;
  const pieces: ComponentChild[] = [];
  let end = 0;
  for (const found of text.matchAll(MAIL)) {
    pieces.push(text.slice(end, found.index), link(`mailto:${found[0]}`, found[0]));
    end = found.index + found[0].length;
  }
  return h(Fragment, null, ...pieces, text.slice(end));
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", copy: "©", hellip: "…", ndash: "–", mdash: "—", euro: "€" };

/** Character references are what they stand for. A name that is not known stays as it was written. */
function resolved(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : "\ufffd";
  });
}
