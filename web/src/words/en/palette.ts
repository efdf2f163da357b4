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
  groups: { go: "Going", do: "Doing", task: "With the task that has the focus" },
  themes: { system: "Light or dark as the system has it", light: "Light", dark: "Dark" },
};
