/** Signing up, logging in, and what is done with an account. */
export const account = {
  logIn: "Log in",
  signUp: "Sign up",
  logOut: "Log out",
  email: "E-mail",
  password: "Password",
  name: "Name",
  noAccount: "No account yet?",
  haveAccount: "Already have an account?",
  offline: "The server cannot be reached. Try again when you are online.",
};
