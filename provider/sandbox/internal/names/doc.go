// Package names keeps caller names: what was asked for, what a carrier holds at
// an instant, and what a look-up shows then.
//
// It is a state without I/O and without a clock. Every instant of a later change
// stands in the [Entry] that was applied, so that what is true at t is a function
// of the entries and t. A [State] is not safe for concurrent use while entries
// are applied; queries alone are.
package names
