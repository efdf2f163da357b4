import type { Words } from "../words.ts";
import { account } from "./account.ts";
import { common } from "./common.ts";
import { task } from "./task.ts";
import { views } from "./views.ts";

export const de: Words = { account, common, task, views };
