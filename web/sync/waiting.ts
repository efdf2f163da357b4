/** Pauses that grow while nothing succeeds, and end at once when somebody calls. */

const FIRST_MS = 500;
const LAST_MS = 5000;

export class Waiting {
  #next = FIRST_MS;
  #called = false;
  #wake: (() => void) | null = null;

  /** Ends the pause that is under way, or the next one. */
  wake(): void {
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

  /** Until `wake`, or so many seconds; if nothing is said, for longer each time. */
  async pause(seconds?: number): Promise<void> {
    const ms = seconds === undefined ? this.#next : seconds * 1000;
    this.#next = Math.min(this.#next * 2, LAST_MS);
    await this.#until(ms);
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
