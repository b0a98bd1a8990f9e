// Package money holds amounts of United States dollars and prices that may not
// be known.
//
// It keeps three promises:
//
//   - An amount is exact. It is an integer of millionths of a dollar; nothing
//     here uses floating point, and a text that does not fit is an error and
//     never rounded.
//   - Not known is not free. The zero [Rate] and [Price] are not known, they
//     read "unknown" and are null in JSON, and a [Total] counts the parts that it
//     could not add.
//   - Sums do not wrap around: they fail with [ErrRange].
//
// All types are values. They are safe for concurrent use as integers are.
package money
