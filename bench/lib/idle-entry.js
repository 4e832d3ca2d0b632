/** A worker that waits for its end. */
export default function idle() {}
