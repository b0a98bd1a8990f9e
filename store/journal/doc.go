// Package journal is history and outbox in one.
//
// An entry is written in the transaction of the change that it tells. From then
// on it is the history of its subject (who, when, why, before, after, and what
// the carrier said) and the next event for every subscriber: neither can exist
// without the change, nor the change without them.
//
// Delivery is at least once and in the order of the entries. An [Event] has an
// ID that never changes, by which a subscriber recognises a repeat. A subscriber
// that fails gets the same event again, and nothing later before it: what is
// about one subject can never overtake.
//
// Entries are never changed nor removed. They hold what a person may read later:
// secrets and personal data do not belong into them.
package journal
