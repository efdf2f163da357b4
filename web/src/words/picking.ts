/** The words of the pickers, which are loaded with them in each language. */

import { picking as de } from "./de/picking.ts";
import { picking as en } from "./en/picking.ts";

export const PICKING = { en, de };
