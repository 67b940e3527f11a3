// A promise that already ended and calls back at once. aedes numbers a message before an asynchronous store step and
// later drops lower numbers as duplicates (docs/architecture.md#aedes), so on its hot path not even a microtask may lie
// in between.

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

/**
 * Awaitable like a promise; `then` runs its callback before it returns. What a callback throws goes to the caller
 * of `then`: turning it into a rejection nobody watches would swallow it.
 */
export class Settled<T> implements PromiseLike<T> {
  readonly #outcome: Outcome<T>;

  private constructor(outcome: Outcome<T>) {
    this.#outcome = outcome;
  }

  static of<T>(value: T): Settled<T> {
    return new Settled<T>({ ok: true, value });
  }

  static failed(error: Error): Settled<never> {
    return new Settled<never>({ ok: false, error });
  }

  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: Error) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const outcome = this.#outcome;
    if (outcome.ok) return typeof onValue === 'function' ? adopt(onValue(outcome.value)) : passOn<A>(this);
    return typeof onError === 'function' ? adopt(onError(outcome.error)) : Settled.failed(outcome.error);
  }

  finally(callback: () => void): this {
    callback();
    return this;
  }
}

/** Without a value callback `then` promises its own value: A is T by the parameter's default. */
function passOn<A>(settled: PromiseLike<unknown>): PromiseLike<A> {
  return settled as PromiseLike<A>;
}

function adopt<T>(value: T | PromiseLike<T>): PromiseLike<T> {
  return isThenable(value) ? value : Settled.of(value);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
