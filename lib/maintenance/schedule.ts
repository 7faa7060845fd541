import { invalidInput } from "../core/errors";
import { requireOneOf, requireWholeNumber } from "../core/validation";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A day of the week. */
export enum Weekday {
  MONDAY = "Monday",
  TUESDAY = "Tuesday",
  WEDNESDAY = "Wednesday",
  THURSDAY = "Thursday",
  FRIDAY = "Friday",
  SATURDAY = "Saturday",
  SUNDAY = "Sunday",
}

/** Time as machines count it began on a Thursday. */
const DAYS_SINCE_THURSDAY = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/**
 * When something is done again and again, in UTC. What was missed while the machine was off is done once it is back.
 *
 * @example
 * import { GarbageCollection, Schedule } from "cdktf-docker-registry";
 *
 * const maintenance = GarbageCollection.of({ schedule: Schedule.daily("03:30") });
 */
export class Schedule {
  /**
   * Once a day.
   *
   * @param time as `"03:30"`, in UTC
   * @throws when the time is not one
   */
  public static daily(time: string): Schedule {
    return new Schedule(DAY, secondsOf("daily", time));
  }

  /**
   * Once a week.
   *
   * @param day the day
   * @param time as `"03:30"`, in UTC
   * @throws when the time is not one
   */
  public static weekly(day: Weekday, time: string): Schedule {
    requireOneOf("Schedule.weekly", "day", day, [...DAYS_SINCE_THURSDAY]);
    return new Schedule(7 * DAY, DAYS_SINCE_THURSDAY.indexOf(day) * DAY + secondsOf("weekly", time));
  }

  /**
   * Several times a day, counted from midnight.
   *
   * @param hours from one time to the next, 1 to 24
   * @throws when it is not a whole number from 1 to 24
   */
  public static everyHours(hours: number): Schedule {
    requireWholeNumber("Schedule.everyHours", "hours", hours, { min: 1, max: 24, example: 6 });
    return new Schedule(hours * HOUR, 0);
  }

  private constructor(
    /** Seconds from one time to the next. */
    public readonly periodSeconds: number,
    /** Seconds between the begin of such a period, as counted from 1970, and the time. */
    public readonly offsetSeconds: number,
  ) {}
}

function secondsOf(factory: string, time: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(String(time));
  if (!match) {
    throw invalidInput({
      where: `Schedule.${factory}`,
      field: "time",
      got: time,
      expected: "hours and minutes from 00:00 to 23:59, in UTC",
      fix: 'write it like "03:30"',
    });
  }
  return Number(match[1]) * HOUR + Number(match[2]) * MINUTE;
}
