/** What was paid, as verdicts show it (protocol, section 7.3). */

import { object } from "../base/canonical.js";
import { formatInstant } from "../base/instant.js";

/** @typedef {import("../base/canonical.js").Json} Json */

/** Members that do not apply, and empty arrays, are left out. @param {{[name: string]: Json | null | undefined}} members */
export function present(members) {
  return object(Object.fromEntries(Object.entries(members).map(([name, value]) =>
    [name, value === null || (Array.isArray(value) && !value.length) ? undefined : value])));
}

/** @param {import("../rules/money/money_rules.js").Paid} paid */
export function paidJson({ answer, currency, payees }) {
  return present({
    answer, currency,
    payees: payees.map((line) => present({
      payee: line.payee, leg: line.leg, of: line.of, answer: line.answer, due: Number(line.due), received: Number(line.received),
      outstanding: Number(line.outstanding), due_at: line.dueAt === null ? null : formatInstant(line.dueAt),
      days_late: line.daysLate === null ? null : Number(line.daysLate),
    })),
  });
}

