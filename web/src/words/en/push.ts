/** Reminders on this device, and new versions. */
export const push = {
  title: "On this device",
  on: "This device shows your reminders.",
  off: "This device can show your reminders, even when Doable is closed.",
  install: "On an iPhone or iPad, Doable has to be on the home screen: tap Share, then “Add to Home Screen”, and open it from there.",
  blocked: "Notifications from Doable are blocked in this browser. You can allow them in its settings.",
  none: "This browser cannot show reminders, or the page was opened over plain http.",
  turnOn: "Turn on",
  turnOff: "Turn off",
  failed: "That did not work. This browser’s push service cannot be reached, or it refused.",
  newVersion: "A new version of Doable is available.",
  update: "Update",
  worker: { complete: "Complete", snooze: "In 10 minutes", failed: "That did not work. Open the task." },
};
