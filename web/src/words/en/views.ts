/** The views: their names, and what an empty one says. */
export const views = {
  inbox: { name: "Inbox", title: "Your inbox is empty", text: "What you have not filed yet lands here. Press q, or the button below, to add a task." },
  today: { name: "Today", title: "Nothing left for today", text: "What is due today, and what is overdue, is shown here.", overdue: "Overdue" },
  upcoming: { name: "Upcoming", tomorrow: "Tomorrow", title: "Nothing planned", text: "Give a task a date, and it is shown here on its day." },
  completed: { name: "Completed", title: "Nothing completed yet", text: "What you check off is kept here." },
  archived: { name: "Archived lists", title: "No list is archived", text: "A list that is done can be archived: it is out of the way, and everything in it is kept." },
  deleted: { name: "Recently deleted", title: "Nothing was deleted", text: "What you delete can be brought back from here for 30 days." },
  notifications: { name: "Notifications", title: "No notifications", text: "When a reminder comes, you find it here." },
  search: { name: "Search", title: "Nothing found", text: "Words are looked for in titles and descriptions." },
  problems: { name: "To decide", title: "Nothing to decide", text: "When two devices change the same thing, you are asked here." },
  list: { title: "Nothing in this list yet", text: "Add a task with q, or drag one here." },
  tag: { title: "No open task has this tag", text: "Type @ and its name when you add a task." },
  filter: { title: "No task matches this filter", text: "" },
  lists: "Lists",
  tags: "Tags",
  filters: "Filters",
  settings: "Settings",
};
