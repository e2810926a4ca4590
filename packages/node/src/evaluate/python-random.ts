const STATE_WORDS = 624;
const SHIFT_WORDS = 397;

/**
 * The generator behind Python's `random.Random(seed)` for whole-number seeds: a listing made here names the same objects as
 * one made by a Python script. Sources: Matsumoto and Nishimura, "Mersenne Twister" (1998), and CPython,
 * Modules/_randommodule.c and Lib/random.py, for how a seed and a choice use it.
 */
export class PythonRandom {
  readonly #state = new Uint32Array(STATE_WORDS);
  #position = STATE_WORDS;

  /** @param seed - A whole number from 0 to 2 ** 53 - 1. */
  constructor(seed: number) {
    this.#seed(seed < 2 ** 32 ? [seed] : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
  }

  /** `Random.choice`: one element of a list that is not empty. */
  choice<Element>(elements: readonly Element[]): Element {
    return elements[this.below(elements.length)]!;
  }

  /** `Random._randbelow`: 0 to `limit - 1`, for limits up to 2 ** 31. */
  below(limit: number): number {
    const bits = 32 - Math.clz32(limit);
    let value = this.#nextWord() >>> (32 - bits);
    while (value >= limit) value = this.#nextWord() >>> (32 - bits);
    return value;
  }

  #seed(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    const previous = (index: number) => state[index - 1]! ^ (state[index - 1]! >>> 30);
    for (let index = 1; index < STATE_WORDS; index++)
      state[index] = Math.imul(1812433253, previous(index)) + index;
    let index = 1;
    const advance = () => {
      index++;
      if (index < STATE_WORDS) return;
      state[0] = state[STATE_WORDS - 1]!;
      index = 1;
    };
    for (let step = 0; step < STATE_WORDS; step++) {
      const keyIndex = step % key.length;
      state[index] = (state[index]! ^ Math.imul(previous(index), 1664525)) + key[keyIndex]! + keyIndex;
      advance();
    }
    for (let step = 1; step < STATE_WORDS; step++) {
      state[index] = (state[index]! ^ Math.imul(previous(index), 1566083941)) - index;
      advance();
    }
    state[0] = 0x80000000;
  }

  #nextWord(): number {
    if (this.#position === STATE_WORDS) this.#twist();
    let word = this.#state[this.#position++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let index = 0; index < STATE_WORDS; index++) {
      const joined = (state[index]! & 0x80000000) | (state[(index + 1) % STATE_WORDS]! & 0x7fffffff);
      state[index] =
        state[(index + SHIFT_WORDS) % STATE_WORDS]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}
