// Package bandwidth is the carrier Bandwidth: its Numbers API v2 (XML, E.164
// numbers) behind the contract of package provider.
//
//	carrier, err := bandwidth.New(bandwidth.Config{
//		Account:      "9900000",
//		ClientID:     id,
//		ClientSecret: secret.New(key),
//		Site:         "461",
//	})
//
// It searches, reserves, orders, closes orders, lists what is owned, returns,
// stores caller names, registers for emergency calls (numbers and endpoints), ports
// in with documents and notes, lists port-outs and reads webhooks. Traits.Why says
// what the carrier cannot do.
//
// # What it promises
//
//   - An order leaves at most once. It carries the caller's key as CustomerOrderId,
//     which the carrier does not keep unique: two orders with one key are CannotTell.
//     Disconnect and name orders cannot be asked for by key, and are settled by asking
//     the numbers; reservations can only be read by their reference.
//   - A number that an order has completed is assigned, and live only when the number
//     itself is in service (InAccount and Inservice).
//   - Errors inside a success sit on the numbers that they are about. Codes are read
//     together with the resource that they came from: they are not unique without it.
//   - The eleven shapes of an error, and names of elements in any case, are read by
//     one decoder. Unknown statuses are the Unclear state with the carrier's word.
//   - A 204, and a 404 for a list, is a list of nothing. A 404 of something in front
//     of the API is an error.
//   - An address that the registrar would alter is Corrected; one that it altered is
//     RegAdjusted, never RegActive.
//   - A change of a port repeats everything that the order has: what is left out
//     would be cleared, depending on the part.
//   - A webhook is believed when it is signed with a configured key (v2) or presents
//     the configured credentials (v1), and is a hint even then.
//   - No name, address, PIN or body of the carrier's reaches an error.
//
// # Credentials
//
// OAuth 2.0 client credentials. HTTP Basic (Config.User) is there for accounts that
// have nothing else yet: the carrier ends it on 2026-12-02.
//
// Everything is safe for concurrent use; nothing runs in the background. Package
// bandwidthtest is the carrier's API in memory, for tests.
package bandwidth
