/** A failure that a person can do something about. */
export class SetupError extends Error {
  /**
   * @param {string} message What failed.
   * @param {string} advice What to do.
   */
  constructor(message, advice) {
    super(message)
    this.advice = advice
  }
}
