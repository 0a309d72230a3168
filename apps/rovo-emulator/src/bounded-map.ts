/** A map that forgets its oldest entry rather than hold more than its limit. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override set(key: string, value: Value): this {
    const [oldest] = this.keys();
    if (this.size >= this.#limit && oldest !== undefined && !this.has(key)) this.delete(oldest);
    return super.set(key, value);
  }
}
