//! What whoever sits before this page may do; the box looks at each request all the same.

let rights = [];

/** `rights` of `GET /api/access`, before anything is shown. */
export function grant(given) {
  rights = given;
}

export const may = (need) => rights.includes(need);
