/**
 * What is kept, as texts by key: in IndexedDB, or in the page's memory where that is denied or broken. It has no decisions
 * in it: what keys mean, and when what is written or deleted, is the module's business.
 */

const DATABASE = "cuehook";
const TABLE = "outbox";
/** So long the database may take to open, in milliseconds: some browsers never answer. */
const PATIENCE = 2_000;
/** So often a connection that has died is opened anew for one read or write. */
const TRIES = 3;
/** After every key that begins with a prefix. */
const LAST = "\uffff";

/** After so many milliseconds a database that could not be opened, or has failed, is tried once more. */
const PAUSES = [5_000, 30_000, 120_000];

/**
 * Opens the store. It has `read(prefix, after, limit)` and `write(guard, puts, deletes, strict)`. `opened` is called once it is
 * open, and again when that has changed, with whether what is stored survives the page.
 */
export function openStore(opened) {
  const memory = new Memory();
  const database = new Database();
  let used = memory;
  let tries = 0;
  const open = async () => {
    const before = used;
    try {
      await database.open();
      used = database;
    } catch {
      used = memory;
      const pause = PAUSES[tries++];
      // Where it is denied for good, trying is cheap.
      if (pause) setTimeout(open, pause);
    }
    if (before !== used || tries < 2) opened(used === database);
  };
  open();
  return {
    read: (...what) => used.read(...what).catch(() => []),
    async write(...what) {
      const store = used;
      const outcome = await store.write(...what);
      // Its connection has been opened anew three times: it is broken.
      if (outcome === "failed" && store === used) {
        used = memory;
        tries = 0;
        opened(false);
        setTimeout(open, PAUSES[0]);
      }
      return outcome;
    },
  };
}

class Database {
  #opening;

  /** The connection. */
  open() {
    return (this.#opening ??= opened(() => (this.#opening = undefined)).catch((error) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  /** Keys and values that begin with `prefix` and come behind `after`, in the order of keys, at most `limit`. */
  read(prefix, after, limit) {
    const range = IDBKeyRange.bound(after || prefix, prefix + LAST, after !== "");
    return this.#run("readonly", {}, (table) => {
      const [keys, values] = [table.getAllKeys(range, limit), table.getAll(range, limit)];
      return () => keys.result.map((key, place) => [key, values.result[place]]);
    });
  }

  /**
   * Puts and deletes in one transaction; a key that ends with `/` deletes all that begin with it. With a guard only if that
   * key has that value, or (null) none. Gives `done`, `conflict`, `full` or `failed`, never an error.
   */
  async write(guard, puts, deletes, strict) {
    try {
      return await this.#run("readwrite", { durability: strict ? "strict" : "relaxed" }, (table) => {
        let outcome = "done";
        const write = () => {
          for (const key of deletes) table.delete(key.endsWith("/") ? IDBKeyRange.bound(key, key + LAST) : key);
          for (const [key, value] of puts) table.put(value, key);
          table.transaction.commit?.();
        };
        if (guard) {
          const found = table.get(guard[0]);
          found.onsuccess = () => ((found.result ?? null) === guard[1] ? write() : (outcome = "conflict"));
        } else write();
        return () => outcome;
      });
    } catch (error) {
      return error?.name === "QuotaExceededError" ? "full" : "failed";
    }
  }

  async #run(mode, options, work) {
    for (let tries = 1; ; tries++) {
      let database;
      try {
        database = await this.open();
        return await finished(database.transaction(TABLE, mode, options), work);
      } catch (error) {
        // The connection may have died: Safari ends those of pages in the background.
        if (error?.name === "QuotaExceededError" || tries === TRIES) throw error;
        this.#opening = undefined;
        database?.close();
      }
    }
  }
}

/** A connection; `closed` is called when it is none any more. */
function opened(closed) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    const late = setTimeout(() => reject(new Error("The database does not open.")), PATIENCE);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      clearTimeout(late);
      // Whoever deletes it, or wants another version, is not kept waiting.
      database.onversionchange = () => {
        database.close();
        closed();
      };
      database.onclose = closed;
      resolve(database);
    };
  });
}

/** Does `work` in a transaction, and gives what it says once that is complete. */
function finished(transaction, work) {
  return new Promise((resolve, reject) => {
    const result = work(transaction.objectStore(TABLE));
    transaction.oncomplete = () => resolve(result());
    transaction.onabort = () => reject(transaction.error);
  });
}

/** The same in memory: nothing survives the page. */
class Memory {
  #rows = new Map();

  async read(prefix, after, limit) {
    const keys = [...this.#rows.keys()].filter((key) => key.startsWith(prefix) && key > after);
    return keys.sort().slice(0, limit).map((key) => [key, this.#rows.get(key)]);
  }

  async write(guard, puts, deletes) {
    if (guard && (this.#rows.get(guard[0]) ?? null) !== guard[1]) return "conflict";
    for (const key of deletes) {
      if (!key.endsWith("/")) this.#rows.delete(key);
      else for (const other of this.#rows.keys()) if (other.startsWith(key)) this.#rows.delete(other);
    }
    for (const [key, value] of puts) this.#rows.set(key, value);
    return "done";
  }
}
