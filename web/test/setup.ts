// Node 24 has no Temporal, and no IndexedDB.
import "fake-indexeddb/auto";
import "temporal-polyfill/global";
