/** Instants: RFC 3339 in UTC to the second, as POSIX seconds in BigInt (protocol, section 2). */

import { Malformed } from "./errors.js";

const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
export const DAY = 86_400n;
export const MAX_INSTANT = 253_402_300_799n; // 9999-12-31T23:59:59Z

/** @param {bigint} a @param {bigint} b above 0 */
export function floorDivide(a, b) {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** @param {number} year @param {number} month 1 to 12 */
export function daysInMonth(year, month) {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : /** @type {number} */ (DAYS[month - 1]);
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar.
 * @param {number} year @param {number} month @param {number} day
 */
export function daysFromCivil(year, month, day) {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400), yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/**
 * The inverse of {@link daysFromCivil}.
 * @param {number} days
 * @returns {[year: number, month: number, day: number]}
 */
export function civilFromDays(days) {
  const shifted = days + 719_468, era = Math.floor(shifted / 146_097), dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

/**
 * A real date of the years 1970 to 9999, no second 60.
 * @param {string} text
 * @returns {bigint}
 */
export function parseInstant(text) {
  const match = INSTANT.exec(text);
  if (!match) throw new Malformed("not an instant like 2026-11-23T18:05:15Z");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  if (hour > 23 || minute > 59 || second > 59) throw new Malformed("not a time of day between 00:00:00 and 23:59:59");
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new Malformed("not a real date of the years 1970 to 9999");
  }
  return BigInt(daysFromCivil(year, month, day)) * DAY + BigInt(hour * 3600 + minute * 60 + second);
}

/**
 * The instant n months later: the same day and time of day, clamped to the month's end (rule T5).
 * @param {bigint} instant
 * @param {number} months
 */
export function addMonths(instant, months) {
  const days = floorDivide(instant, DAY), rest = instant - days * DAY;
  const [year, month, day] = civilFromDays(Number(days));
  const place = year * 12 + month - 1 + months;
  const toYear = Math.floor(place / 12), toMonth = place - toYear * 12 + 1;
  return BigInt(daysFromCivil(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)))) * DAY + rest;
}

/** @param {number} value @param {number} width */
function digits(value, width) {
  return String(value).padStart(width, "0");
}

/**
 * The text that {@link parseInstant} reads; the instant lies in the years 1970 to 9999.
 * @param {bigint} instant
 */
export function formatInstant(instant) {
  if (instant < 0n || instant > MAX_INSTANT) throw new RangeError("an instant outside the years 1970 to 9999");
  const [year, month, day] = civilFromDays(Number(instant / DAY));
  const rest = Number(instant % DAY);
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map((part) => digits(part, 2)).join(":");
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T${time}Z`;
}
