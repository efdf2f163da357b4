/** The command palette, and the list of keys. */
export const palette = {
  title: "Go to or do",
  hint: "Go to a list, find a task, do something…",
  nothing: "Nothing is called that, and no task has these words.",
  goTo: "View",
  list: "List",
  filter: "Filter",
  tag: "Tag",
  task: "Task",
  keys: "Keys",
  groups: { go: "Go to", do: "Do", task: "With the focused task" },
  themes: { system: "Light or dark, like the system", light: "Light", dark: "Dark" },
};
