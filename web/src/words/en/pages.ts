/** Views that are no list of tasks: what is to be decided, what was deleted, what was reminded of. */
export const problems = {
  conflict: "“#” was changed here and elsewhere",
  completed: "“#” was completed elsewhere",
  completedText: "It repeats, and the next one is open. Apply your change to that one?",
  gone: "Something you changed was deleted elsewhere",
  refused: "The server did not accept a change",
  unreadable: "A change kept on this device cannot be read any more",
  unreadableText: "It may not have been sent. This is what is left of it:",
  kept: "Only partly undone, because this has changed since",
  mine: "Here:",
  theirs: "There:",
  keepMine: "Keep mine",
  takeTheirs: "Use theirs",
  toNext: "Apply to the next one",
  leave: "Leave it",
  dismiss: "OK",
  nothing: "nothing",
  fields: {
    title: "Title",
    description: "Description",
    due: "Date",
    start: "Start date",
    priority: "Priority",
    recurrence: "Repeats",
    reminders: "Reminders",
    estimate_minutes: "Estimate",
    url: "Link",
    name: "Name",
    color: "Colour",
    group: "Group",
    query: "Filter",
    sort: "Order",
  },
};

export const deleted = {
  reading: "Loading what was deleted…",
  notRead: "What was deleted could not be loaded",
  restore: "Restore",
  restored: "Restored",
  restoredPartly: "Mostly restored. What has changed since was left as it is.",
  notRestored: "This could not be restored.",
  andMore: { one: "and # more", other: "and # more" },
};

export const notices = {
  allSeen: "Mark all as seen",
  seen: "Mark as seen",
  gone: "Deleted task",
};
