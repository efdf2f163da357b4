import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type ComponentChild, isValidElement } from "preact";
import { Markdown } from "../../src/detail/markdown.ts";

const ELEMENTS = new Set("a blockquote br code del div em h3 h4 h5 h6 hr input label li ol p pre strong table tbody td th thead tr ul".split(" "));
const MEMBERS = new Set("checked children class dir disabled href rel scope start tabIndex target type".split(" "));

/** What would be in the document, with nothing escaped: and nothing is there that must not be. */
function written(child: ComponentChild | ComponentChild[]): string {
  if (Array.isArray(child)) return child.map(written).join("");
  if (!isValidElement(child)) return child === null || child === undefined || typeof child === "boolean" ? "" : String(child);
  const { type, props } = child as { type: unknown; props: Record<string, unknown> };
  const inside = written(props["children"] as ComponentChild);
  if (typeof type !== "string") return inside;
  assert(ELEMENTS.has(type), type);
  for (const name of Object.keys(props)) assert(MEMBERS.has(name), name);
  const { href, rel, target } = props;
  if (type === "a") {
    assert(typeof href === "string" && /^(https?:\/\/|mailto:|tel:)/.test(href), String(href));
    assert.equal(rel, href.startsWith("http") ? "noopener noreferrer nofollow" : "noreferrer");
    assert.equal(target, href.startsWith("http") ? "_blank" : undefined);
  }
  const members = ["href", "class", "start", "checked"].flatMap((name) =>
    props[name] === undefined || props[name] === false ? [] : [` ${name}=${String(props[name])}`],
  );
  return `<${type}${members.join("")}>${inside}</${type}>`;
}

const show = (text: string): string => written((Markdown({ text }).props as { children: ComponentChild[] }).children);

test("what people write is shown", () => {
  const cases: [string, string][] = [
    ["Call **Zoë** about *the* ~~old~~ `a < b`", "<p>Call <strong>Zoë</strong> about <em>the</em> <del>old</del> <code>a < b</code></p>"],
    ["one\ntwo\n\nthree", "<p>one<br></br>two</p><p>three</p>"],
    ["# Big\n###### Small", "<h3>Big</h3><h6>Small</h6>"],
    ["- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"],
    ["3. c\n4. d", "<ol start=3><li>c</li><li>d</li></ol>"],
    ["- [x] done **b**\n- [ ] open\n  - more", "<ul><li class=to-do><label><input checked=true></input> done <strong>b</strong></label></li><li class=to-do><label><input></input> open</label><ul><li>more</li></ul></li></ul>"],
    ["> so **it** was", "<blockquote><p>so <strong>it</strong> was</p></blockquote>"],
    ["```js\nlet a = '<b>';\n```", "<pre><code>let a = '<b>';</code></pre>"],
    ["|a|b|\n|:-|-:|\n|1|*2*|", "<div class=table><table><thead><tr><th class=left>a</th><th class=right>b</th></tr></thead><tbody><tr><td class=left>1</td><td class=right><em>2</em></td></tr></tbody></table></div>"],
    ["a\n\n---\n\nb", "<p>a</p><hr></hr><p>b</p>"],
    ["[the page](https://example.com/?a=1&amp;b=2 'Title')", "<p><a href=https://example.com/?a=1&b=2>the page</a></p>"],
    ["see www.example.com/a_b_c, or (https://example.org/x_(y)).", "<p>see <a href=http://www.example.com/a_b_c>www.example.com/a_b_c</a>, or (<a href=https://example.org/x_(y)>https://example.org/x_(y)</a>).</p>"],
    ["HTTPS://EXAMPLE.COM now", "<p><a href=https://example.com/>HTTPS://EXAMPLE.COM</a> now</p>"],
    ["ask tom.b@example.com. And <jo@example.org>", "<p>ask <a href=mailto:tom.b@example.com>tom.b@example.com</a>. And <a href=mailto:jo@example.org>jo@example.org</a></p>"],
    ["[a@b.de ![i](https://x.org/i)](https://x.org)", "<p><a href=https://x.org/>a@b.de i</a></p>"],
    ["[call](tel:+491234)", "<p><a href=tel:+491234>call</a></p>"],
    ["![the plan](https://example.com/a.png) ![](https://example.com/b.png)", "<p><a href=https://example.com/a.png>the plan</a> <a href=https://example.com/b.png>https://example.com/b.png</a></p>"],
    ["snake_case_name, 5 * 3 * 2, 1 &lt; 2 &copy; &nope; \\*a\\*", "<p>snake_case_name, 5 * 3 * 2, 1 < 2 © &nope; *a*</p>"],
    ["[a][1]\n\n[1]: https://example.com", "<p><a href=https://example.com/>a</a></p>"],
  ];
  for (const [text, shown] of cases) assert.equal(show(text), shown, text);
});

test("nothing runs and nothing is fetched, whatever is written", () => {
  const cases: [string, string][] = [
    ["<script>alert(1)</script>", "<p class=as-written><script>alert(1)</script></p>"],
    ["a <img src=x onerror=alert(1)> b", "<p>a <img src=x onerror=alert(1)> b</p>"],
    ["[x](javascript:alert(1))", "<p>x</p>"],
    ["[x](JaVaScRiPt:alert(1)) [y](java&#115;cript:alert(1)) [z](data:text/html,x) [v](vbscript:x)", "<p>x y z v</p>"],
    ["[x](&#1;javascript:alert(1)) [y](java\\\nscript:alert(1))", "<p>x [y](java<br></br>script:alert(1))</p>"],
    ["<javascript:alert(1)> <https://example.com/\"onclick=alert(1)>", '<p>javascript:alert(1) <a href=https://example.com/%22onclick=alert(1)>https://example.com/"onclick=alert(1)</a></p>'],
    ["![x](javascript:alert(1))", "<p>x</p>"],
    ["[home](/account) [up](../x) [other](//evil.example/x) [here](#a)", "<p>home up other here</p>"],
    ["[x](https://a@evil.example)", "<p><a href=https://a@evil.example/>x</a></p>"],
    ["&#0; &#xd800; &#x110000;", "<p>\ufffd \ufffd \ufffd</p>"],
    ["<!-- a -->\n\n<iframe src=//evil></iframe>", "<p class=as-written><!-- a --></p><p class=as-written><iframe src=//evil></iframe></p>"],
  ];
  for (const [text, shown] of cases) assert.equal(show(text), shown, text);
});

test("hostile texts are shown, and soon", () => {
  const most = 8_000;
  const pieces = [">", "> ", "- ", "1. ", "* - > ", "- - ", "[", "![", "[a](", "*", "*a ", "**a*", "_a ", "`", "` a", "<", "<a ", "<!--", "~~a", "http://", "www.a", "a@", "a.", "&", "&#", "\\", "\n", "\t", "|a", "(", ")", "a\n- ", "[a]: ", "https://a.b)"];
  for (const piece of pieces) {
    assert(show(piece.repeat(most / piece.length)).length > 0 || /^\s$/.test(piece), piece);
    show(`${`${piece.repeat(2000 / piece.length)} `.repeat(3)}x`);
  }
  show(Array.from({ length: 80 }, (_, depth) => `${" ".repeat(2 * depth)}- a`).join("\n"));
});

test("any text is shown as elements that may be there", () => {
  const some = fc.array(fc.oneof(fc.constantFrom("<", ">", "[", "](", ")", "!", "*", "_", "`", "~", "#", "- ", "\n", "  ", "|", ":-", "javascript:", "http://a.b", "data:", "&#106;", "<a href=", "[x] ", "\\", "a", "@b.c"), fc.string({ maxLength: 3 })), { maxLength: 30, size: "max" });
  fc.assert(fc.property(some, (parts) => typeof show(parts.join("")) === "string"));
});
