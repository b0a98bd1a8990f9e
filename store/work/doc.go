// Package work is the one way in which numberdesk asks a carrier for something.
//
// A domain books an [Intent] in the transaction of its own change. The [Engine]
// then makes it true at the carrier, exactly once:
//
//	intended ──▶ sending ──▶ waiting ──▶ done
//	    ▲           │           ▲
//	    │           ▼           │
//	    └─────── unclear ───────┘──▶ human
//
// Before a request leaves, "sending" is durable. So whatever happens afterwards
// (the answer is lost, the process is killed, the machine dies), the next
// process knows that it may have been sent. It does not send again: it looks,
// with everything that could identify what it may have created (provider.Trace).
//
//   - Found: the answer is booked as if it had come at once.
//   - Absent, proven at an instant after the last sending plus the carrier's
//     horizon: nothing can arrive any more. Only now may a new attempt begin,
//     under the same key.
//   - Anything else: it looks again, and when patience ends it hands the intent
//     to a person. It never guesses: from then on only an answer of the carrier,
//     for which it goes on looking, or the person's decision can end it.
//
// An error with the proof that nothing was applied (provider.NotApplied) leads
// back to intended when it may pass, for Config.Persist: a carrier that is down for
// an hour delays its intents and fails none. Else it leads to the handler's Fail. A
// Send that finds some of its numbers not to be had says so ([Less]): these fail, and
// the rest is sent.
//
// # Lanes
//
// Intents that share a lane run one after another in the order in which they
// were booked: a removal waits behind an unclear registration. An intent without
// a common lane does not wait. One that yields (Intent.Yields) lets the others go
// ahead once it waits for a person.
//
// # Carriers
//
// Each carrier has its own due records, claims, slots and loop: one that is down
// or hangs delays its own intents and nobody else's. Intents of a carrier that is
// not configured any more stay as they are, are listed by their phase, and go on
// when it is configured again.
//
// # Hints
//
// A message of a carrier is a hint ([Engine.Hint]): it makes the engine look
// sooner, and decides nothing. What is so, a look at the carrier says.
//
// # What a handler keeps
//
// Send and Track talk to the carrier, outside any transaction. Book and Fail
// write, inside the transaction that also advances the intent; they MUST be
// idempotent, because the same answer can be booked again after a commit whose
// outcome was unknown, and must have no effect outside the transaction.
package work
