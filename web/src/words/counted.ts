const rules = new Map<string, Intl.PluralRules>();

/** `counted("en", 3, { one: "# task", other: "# tasks" })`: the form for this number, with the number in place of `#`. */
export function counted(language: string, n: number, forms: { one: string; other: string }): string {
  let rule = rules.get(language);
  if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)));
  return (rule.select(n) === "one" ? forms.one : forms.other).replace("#", n.toLocaleString(language));
}
