/** What an empty account says of itself. */
export const welcome = {
  title: "Good to have you here",
  sentences: [
    "Write down what you have to do: press q or the plus, and type it as you would say it, such as “Call Mum tomorrow at 6pm”.",
    "What has a date is under Today when its day comes; what you have not filed yet waits in the Inbox.",
    "Everything is kept on this device at once, without a network too, and reaches your other devices by itself.",
  ],
};
