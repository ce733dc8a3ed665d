/** An error with the HTTP status of its answer. */
export class RequestError extends Error {
  /** `param` is the field of the body that is wrong, if there is one. */
  constructor(status, message, param) {
    super(message);
    this.status = status;
    this.param = param;
  }
}
