/** What is offered. Each can be told from its neighbours, on light and on dark ground, and has 3 : 1 against both. */
export const COLORS = [
  ["red", "#d1453b"],
  ["orange", "#d4701b"],
  ["yellow", "#a68000"],
  ["olive", "#7a8b2c"],
  ["green", "#3f9142"],
  ["teal", "#2a9d8f"],
  ["sky", "#2f8fc4"],
  ["blue", "#4a78d6"],
  ["violet", "#8a63d2"],
  ["pink", "#c44f93"],
  ["brown", "#9a6b4f"],
  ["grey", "#7e8489"],
] as const;
