/** What an empty account says of itself. */
export const welcome = {
  title: "Welcome to Doable",
  sentences: [
    "Write down what you have to do: press q or the plus, and type it as you would say it, for example “Call Mum tomorrow at 6pm”.",
    "A task with a date appears under Today when its day comes; everything else waits in the Inbox until you sort it.",
    "Everything is saved on this device right away, even offline, and reaches your other devices by itself.",
  ],
};
