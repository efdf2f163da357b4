/** What is said and done of a task, in rows and beside them. */
export const task = {
  complete: "Complete “#”",
  reopen: "Reopen “#”",
  completed: "Task completed",
  reopened: "Task reopened",
  deleted: "Task deleted",
  added: "Task added",
  list: "Tasks",
  detail: "Task",
  untitled: "Untitled",
  title: "Title",
  description: "Description",
};
