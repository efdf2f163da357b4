/** Many tasks at once, and sections. */
export const bulk = {
  name: "Selected tasks",
  selected: { one: "# selected", other: "# selected" },
  changed: { one: "# task changed", other: "# tasks changed" },
  completed: { one: "# task completed", other: "# tasks completed" },
  deleted: { one: "# task deleted", other: "# tasks deleted" },
  moved: { one: "# task moved", other: "# tasks moved" },
  complete: "Complete",
  tag: "Add a tag",
  select: "Select",
  extendUp: "Extend the selection up",
  extendDown: "Extend the selection down",
};

export const section = {
  add: "Add a section",
  edit: "Edit section",
  none: "No section",
  deleted: "Section deleted. Its tasks are still in the list.",
  asBoard: "Show as a board",
  asList: "Show as a list",
};
