// Package spectest holds adapters and their fakes against the carriers' own
// documents: witnesses that nobody here wrote.
//
// A [Witness] sits between an adapter and the fake of its carrier. It looks up
// every request in the carrier's OpenAPI document and checks it, and the answer of
// the fake, against the schemas there. The documents leave unknown things open; the
// witness closes them: a JSON property, a query name or a form field that the
// document does not have is a finding, and so is a path or a 2xx status.
//
// Where the document is wrong about the carrier, a [Deviation] says so with its
// source. One that does not happen any more fails the test.
//
// It is a module of its own, so that what it needs is nobody's dependency. The
// documents are not part of the project: the tests read them from the folder that
// the environment variable NUMBERDESK_SPECS names, and skip without it.
package spectest
