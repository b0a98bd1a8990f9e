package porting

import "time"

// BusinessDay reports whether carriers work on the day of t, in its zone: Monday
// to Friday, but for the six holidays of the number portability administration.
func BusinessDay(t time.Time) bool {
	_, m, d := t.Date()
	nth := (d-1)/7 + 1 // the how manieth such weekday of the month
	switch wd := t.Weekday(); {
	case wd == time.Saturday, wd == time.Sunday,
		m == time.January && d == 1,
		m == time.May && wd == time.Monday && d > 24, // Memorial Day
		m == time.July && d == 4,
		m == time.September && wd == time.Monday && nth == 1, // Labor Day
		m == time.November && wd == time.Thursday && nth == 4,
		m == time.December && d == 25:
		return false
	}
	return true
}

// AddBusinessDays is n business days later at the same time of day.
func AddBusinessDays(t time.Time, n int) time.Time {
	for n > 0 {
		if t = t.AddDate(0, 0, 1); BusinessDay(t) {
			n--
		}
	}
	return t
}
