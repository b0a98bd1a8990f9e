// Package did is the trunk of numberdesk: the numbers that an embedder owns (DIDs),
// the tenants who use them, and the rules by which they come, change hands and go.
//
// A [Service] buys and holds what package market finds, assigns, releases, lists
// and answers where a call goes. Every change is one transaction over the inventory,
// the request to the carrier (store/work) and the history (store/journal).
//
// # Promises
//
//   - A number is in the inventory from the moment in which the intent to buy it
//     is durable, before any request leaves. It is PENDING until its carrier has
//     said otherwise, and time alone never changes that.
//   - A number is bought at most once: a DID is one record for all carriers and
//     all tenants, and an order is sent again only when it is proven that the
//     one before cannot arrive.
//   - Nothing is shown that a carrier has not said: a status carries who said it,
//     in which word, and when (provider.Said).
//   - Of two callers who want the same number at once exactly one wins. The other
//     gets a [Refusal] that names the holder; only operators see it.
//   - A bad input is refused with the value and the rule, and changes nothing.
//
// # Life of a DID
//
// The statuses and what leads from one to another are a table ([Next],
// [Transitions], [Diagram]).
//
// # Domains on a DID
//
// Caller names, E911 and porting live on a DID through [Section], inside this
// package's transaction ([Service.Update]), without being known to it.
//
// Methods of Service are safe for concurrent use. The actor of a change comes
// from the context (journal.WithActor).
package did
