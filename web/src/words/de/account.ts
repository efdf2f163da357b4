import type { Words } from "../words.ts";

export const account: Words["account"] = {
  logIn: "Anmelden",
  signUp: "Registrieren",
  logOut: "Abmelden",
  email: "E-Mail",
  password: "Passwort",
  name: "Name",
  noAccount: "Noch kein Konto?",
  haveAccount: "Schon ein Konto?",
  offline: "Der Server ist nicht zu erreichen. Versuche es wieder, wenn du online bist.",
};
