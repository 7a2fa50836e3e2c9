/** Every reason code, in the order in which a row of a verdict shows the first that applies (rules.md, Reason codes). */

export const CODES = (
  "rules_unknown repeated void_parties void_signers void_power void_replaced void_ahead void_late void_ruling " +
  "wrong_registry section_needed digest_repeated key_repeated quota no_effect list_missing key_disputed erased " +
  "not_disclosed bad_terms too_large stale clock_behind not_audited twin_not_registered twin_retired " +
  "asset_not_named no_consent suspended replaced revoked revocation_race declared_late purpose_denied " +
  "product_denied category_denied right_denied channel_denied placement_denied country_denied cap_exceeded " +
  "minor manipulation_denied derivative_denied training_denied rejected not_approved not_yet label_missing " +
  "delivered_late product_line_missing reported_late not_exercised not_started expired clashes disputed " +
  "not_overdue split_mismatch unpriced rate_missing commission_cap not_reported reference_repeated " +
  "amounts_differ other_currency same_control own_word returned return_contested claimed_unpaid not_passed_on " +
  "unpaid not_prepaid overdue overpaid ruled silence not_due ok not_applicable"
).split(" ");

const ORDER = new Map(CODES.map((code, place) => [code, place]));

/** @param {string} code */
export function codeOrder(code) {
  return ORDER.get(code) ?? CODES.length;
}
