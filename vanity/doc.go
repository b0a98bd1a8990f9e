// Package vanity says which digits of a number are wished for, and what of that
// a carrier can be asked.
//
// A [Query] is one question to one carrier; a [Dialect] is the set of questions
// that a carrier understands. What a carrier cannot be asked is filtered from
// its answers with [Query.Match], so that one wish means the same everywhere.
//
// The package is pure: no I/O, nothing is kept, all values are safe for
// concurrent use.
package vanity
