// Package provider is the contract between numberdesk and a carrier.
//
// A carrier is a [Provider]: an identity and its [Capabilities], a struct of
// small interfaces in which nil means "not offered", with [Traits] that say in
// data what the carrier can do and in words why it cannot do the rest. An
// adapter author implements the interfaces that the carrier has. Domains take
// the one that they need with [Pick].
//
// The package holds types, interfaces, errors and validation: no engine, no
// cache, no goroutine. All its values are safe to copy and to share.
//
// # Creating and settling
//
// Every call that creates something carries a [Key], which the caller chose and
// stored before the call. An adapter sends such a call to the carrier at most
// once: it MUST NOT repeat it by itself, unless the carrier proves that nothing
// was applied. When the answer is lost, the error says Outcome Unknown, and the
// caller settles with the Track method of the same interface: it looks with
// everything that could identify the thing ([Trace]: key, reference, numbers,
// time) and answers Found, Absent or CannotTell.
//
//   - Found MUST be the thing that this key created, or the same effect on the
//     same numbers.
//   - Absent MUST be proven: the carrier was asked in a way that would have shown
//     it. After Traits.Horizon an Absent stays Absent: nothing can arrive late.
//   - CannotTell is the zero value and always allowed.
//
// # Errors
//
// An [Error] has two axes: Kind (what went wrong: errors.Is(err, NumberTaken))
// and Outcome (what became of the request; the zero value is Unknown). A read
// may be sent again. A creation may only when its outcome is NotApplied. An
// error never holds a response body, a credential, a name or an address.
//
// Any error that is not an *Error counts as Outcome Unknown.
//
// # Statuses
//
// What a carrier says about a number, an order, a name or a registration comes
// back as our state beside the carrier's own word ([Said]: who, the raw word, the
// request, the instant). A word that the adapter does not know maps to the
// Unclear state of its type: it is data, never an error.
//
// # What an adapter keeps
//
//   - Methods honour the context: they return soon after it ends, with Outcome
//     Unknown when a creation may have left.
//   - All methods are safe for concurrent use.
//   - A capability that is nil has a reason in Traits.Why.
//   - Options are for placement that one carrier demands; nothing needs them for
//     correctness elsewhere.
//   - An empty list is an empty page, not an error. NotFound is for a thing that
//     was named.
package provider
