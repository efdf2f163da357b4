import { account } from "./account.ts";
import { bar } from "./bar.ts";
import { common } from "./common.ts";
import { bulk, section } from "./list.ts";
import { deleted, notices, problems } from "./pages.ts";
import { palette } from "./palette.ts";
import { task } from "./task.ts";
import { views } from "./views.ts";

export const en = { account, bar, bulk, common, deleted, notices, palette, problems, section, task, views };
