/** Reminders on this device, and new versions. */
export const push = {
  title: "On this device",
  on: "This device shows your reminders.",
  off: "This device can show your reminders, also while Doable is closed.",
  install: "On an iPhone or iPad this needs Doable on the home screen: Share, then “Add to Home Screen”, and open it from there.",
  blocked: "You have not allowed this browser to show notifications of Doable. You can change that in its settings.",
  none: "This browser cannot show reminders, or the page was opened by plain http.",
  turnOn: "Turn on",
  turnOff: "Turn off",
  failed: "That did not work. The push service of this browser cannot be reached, or does not let Doable in.",
  newVersion: "A new version of Doable is here.",
  update: "Update",
  worker: { complete: "Complete", snooze: "In 10 minutes", failed: "That did not work. Open the task." },
};
