/** The words of the line in which a task is added, which are loaded with it in each language. */

import { quick as de } from "./de/quick.ts";
import { quick as en } from "./en/quick.ts";

export const QUICK = { en, de };
