import { Account } from "./account.ts";
import type { Client, Options } from "./client.ts";

/** Opens one person's account: what the device has of it is there when this resolves. */
export async function open(options: Options): Promise<Client> {
  return Account.open(options);
}
