// Package market finds numbers that are for sale: at all carriers at once,
// streamed as they arrive, merged without duplicates, ranked, with a report of
// what each carrier came to.
//
// What a carrier's own search cannot express is filtered from its answers, so
// that one wish means the same at every carrier, and no answer is trusted
// blindly: what is not for sale as a US number, or not what was asked for, is
// dropped. A price is the carrier's, else the embedder's ([RateCard]), else
// unknown; it is never guessed and never 0 for not known.
//
// Nothing is held and nothing is bought here: package did does that.
//
// Methods of [Service] are safe for concurrent use.
package market
