// Package telnyx is a carrier: an account at Telnyx, over version 2 of its API.
//
//	carrier, err := telnyx.New(telnyx.Config{
//		Key:         secret.New(apiKey),
//		WebhookKeys: []string{publicKey},
//		Connection:  "1521916448077776306",
//	})
//	set, err := provider.NewSet(carrier)
//
// It offers everything of the contract but a list of places; Traits.Why says what
// each capability cannot do.
//
// # What it promises
//
//   - A number is bought, ported, returned or registered by requests that leave at
//     most once. The carrier knows no idempotency keys for numbers: our key is its
//     customer_reference, by which reservations, orders, addresses, documents and port
//     orders are found again. It is free text and not unique. The answer to a filter is
//     compared here, and of two things with one key neither is taken for ours.
//   - What is made in several steps (an address and its registrations, port orders and
//     what they are filled in with) can be begun again with the same key: each step is
//     looked for before it is done. As soon as one may have been applied the outcome of
//     the whole is unknown.
//   - A number is live when the order says success, gone when the account does not
//     have it any more, named when the carrier shows the name, registered when it says
//     active, ported when it says ported.
//   - A word that the carrier does not document is the unclear state, with the word.
//   - What a success does not show is not known: an answer without a list is not an
//     empty list, one without emergency settings no registration that has ended.
//   - A removal is found by what is left, where Trace.Removal says that one was asked
//     for; looking never changes anything.
//   - An address is registered as it was given or not at all.
//   - No webhook is believed without the carrier's signature (Ed25519), or more than
//     five minutes off.
//
// # What the carrier does not document, and what is assumed
//
//   - How recent a search must be for its numbers to be ordered: ten minutes.
//   - How many numbers an order can hold: 50, of which it shows a whole answer.
//   - How often it may be asked: [DefaultRates].
//   - After which time a request cannot be applied any more: 15 minutes.
//   - Whether a registration changes its address without a gap: it does not.
//
// # Sources
//
// The carrier's OpenAPI document (team-telnyx/openapi, spec3) and its guides at
// developers.telnyx.com: number search, number orders, porting, dynamic E911, webhook
// fundamentals, API errors, rate limiting.
package telnyx
