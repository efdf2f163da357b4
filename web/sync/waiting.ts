/** Pauses that grow while nothing succeeds, and end at once when somebody calls. */

const FIRST_MS = 500;
const LAST_MS = 5000;
/** A proxy may say to come back in years. */
const LONGEST_MS = 3_600_000;

export class Waiting {
  #next = FIRST_MS;
  #called = false;
  /** The server has said how long: what is done meanwhile is no reason to ask it again. */
  #isFirm = false;
  #wake: (() => void) | null = null;

  /** Ends the pause that is under way, or the next one, unless the server has said how long it is. */
  wake(): void {
    if (!this.#isFirm) this.insist();
  }

  /** Ends it in any case. */
  insist(): void {
    this.#called = true;
    this.#wake?.();
  }

  succeeded(): void {
    this.#next = FIRST_MS;
  }

  /** Until `wake`. */
  async call(): Promise<void> {
    await this.#until(null);
  }

  /** Until `wake`, and for longer each time; or so many seconds, if the server says so. */
  async pause(seconds = 0): Promise<void> {
    const ms = Math.max(this.#next, Math.min(seconds * 1000, LONGEST_MS));
    this.#isFirm = seconds > 0;
    this.#next = Math.min(this.#next * 2, LAST_MS);
    await this.#until(ms);
    this.#isFirm = false;
  }

  async #until(ms: number | null): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        const timer = ms === null ? null : setTimeout(resolve, ms);
        this.#wake = () => {
          if (timer !== null) clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#called = false;
  }
}
