/** How dates, rules and reminders are said. */
export const saying = {
  today: "Today",
  tomorrow: "Tomorrow",
  yesterday: "Yesterday",
  at: (day: string, time: string) => `${day} ${time}`,
  rule: {
    every: {
      DAILY: { one: "Every day", other: "Every # days" },
      WEEKLY: { one: "Every week", other: "Every # weeks" },
      MONTHLY: { one: "Every month", other: "Every # months" },
      YEARLY: { one: "Every year", other: "Every # years" },
    },
    weekdays: "Every weekday",
    on: (rule: string, days: string) => `${rule} on ${days}`,
    until: (rule: string, day: string) => `${rule} until ${day}`,
    times: (rule: string, n: number) => (n === 1 ? `${rule}, one last time` : `${rule}, ${n} times`),
    fromCompletion: (rule: string) => `${rule} after completion`,
    asOthersSay: (rule: string) => `${rule}, as set in a calendar app`,
    others: "By a rule that a calendar app made",
  },
  before: (length: string) => `${length} before`,
  after: (length: string) => `${length} after`,
  beforeStart: (length: string) => `${length} before the start`,
  afterStart: (length: string) => `${length} after the start`,
  atDue: "When it is due",
  atStart: "At the start",
};
