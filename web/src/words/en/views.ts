/** The views: their names, and what an empty one says. */
export const views = {
  inbox: { name: "Inbox", title: "Your inbox is empty", text: "New tasks wait here until you move them to a list." },
  today: { name: "Today", title: "Nothing left for today", text: "Tasks that are due today or overdue appear here.", overdue: "Overdue" },
  upcoming: { name: "Upcoming", tomorrow: "Tomorrow", title: "Nothing planned", text: "Give a task a date and it appears here on its day." },
  completed: { name: "Completed", title: "Nothing completed yet", text: "Tasks you complete are kept here." },
  archived: { name: "Archived lists", title: "No archived lists", text: "Archive a list you are done with: it is out of the way, and everything in it is kept." },
  deleted: { name: "Recently deleted", title: "Nothing deleted", text: "For 30 days you can restore here what you deleted." },
  notifications: { name: "Notifications", title: "No notifications", text: "Your reminders are listed here once they have come." },
  search: { name: "Search", title: "Nothing found", text: "Search looks through titles and descriptions.", hint: "Search titles and descriptions" },
  problems: { name: "To decide", title: "Nothing to decide", text: "When two devices change the same thing, you choose here which one stays." },
  list: { title: "Nothing in this list yet", text: "Add the first task, or move one here." },
  tag: { title: "No open tasks with this tag", text: "Type @ and its name when you add a task." },
  filter: { title: "No tasks match this filter", text: "" },
  lists: "Lists",
  tags: "Tags",
  filters: "Filters",
  settings: "Settings",
};
