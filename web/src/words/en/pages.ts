/** Views that are no list of tasks: what is to be decided, what was deleted, what was reminded of. */
export const problems = {
  conflict: "“#” was changed here and elsewhere",
  completed: "“#” was completed elsewhere",
  completedText: "It repeats, and the next one is open. Should what you changed be done to that one?",
  gone: "What you changed was deleted elsewhere",
  refused: "The server did not accept a change",
  kept: "Not everything could be undone: this has changed since",
  mine: "Here:",
  theirs: "There:",
  keepMine: "Keep mine",
  takeTheirs: "Take theirs",
  toNext: "Do it to the next one",
  leave: "Leave it",
  dismiss: "All right",
  nothing: "nothing",
  fields: {
    title: "Title",
    description: "Description",
    due: "Date",
    start: "Not before",
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
  reading: "Looking for what was deleted…",
  offline: "This needs the network",
  restore: "Bring back",
  restored: "It is back",
  restoredPartly: "Most of it is back. What was changed since has stayed as it is.",
  notRestored: "This could not be brought back",
  andMore: { one: "and # more", other: "and # more" },
};

export const notices = {
  allSeen: "Mark all as seen",
  seen: "Mark as seen",
  gone: "A task that was deleted",
};
