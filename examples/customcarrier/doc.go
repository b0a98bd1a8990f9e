// Package acorn is an adapter for Acorn Telecom, a carrier that does not exist,
// written as a stranger would write one: in a module of its own, against the public
// packages only. It sells numbers, lists what is owned and takes numbers back.
//
// The conformance kit proves it (go test); try shows what the kit says.
package acorn
