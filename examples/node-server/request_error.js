/** What is wrong with a request, or with now. */
export class RequestError extends Error {
  /** `param` is the field of the body, where it is one. */
  constructor(status, message, param) {
    super(message);
    this.status = status;
    this.param = param;
  }
}
