/** The command palette, and the list of keys. */
export const palette = {
  title: "Search and commands",
  hint: "Find a task, go to a list, run a command…",
  nothing: "No task, list or command matches.",
  goTo: "View",
  list: "List",
  filter: "Filter",
  tag: "Tag",
  task: "Task",
  keys: "Keyboard shortcuts",
  groups: { go: "Go to", do: "Actions", task: "On the current task" },
  themes: { system: "Theme: like the system", light: "Theme: light", dark: "Theme: dark" },
};
