// Package telnyxtest is a carrier that speaks version 2 of Telnyx's API and exists
// only in software: its paths, bodies, statuses and errors over the simulated carrier
// of package sandbox.
//
//	engine, err := sandbox.New(telnyxtest.Engine(sandbox.Config{}))
//	fake := httptest.NewServer(telnyxtest.New(engine, telnyxtest.Config{Key: "KEY"}))
//	carrier, err := telnyx.New(telnyx.Config{Key: secret.New("KEY"), Base: fake.URL})
//
// # What it promises
//
//   - It answers as the carrier's documents say, and refuses what they refuse: a
//     request without credentials, a body of another type, a member or a parameter that
//     is not documented, a value that is none of those that are allowed.
//   - What is true is in the engine and its ledger: numbers, orders, holds,
//     registrations, names, ports. Addresses, documents and jobs, of which the engine
//     has no notion, are kept in memory.
//   - What chaos does to the engine happens on the wire: an answer that is lost is a
//     connection that is cut, a carrier that throttles answers 429, one that fails 503,
//     and words that nobody knows stand where the carrier's statuses stand.
//   - [Server.Webhook] signs messages as the carrier does.
//
// Where the engine differs from the carrier the engine wins: a reservation lasts as
// long as a hold of the sandbox, and cancelling one part of an order closes all of it.
//
// A Server is safe for concurrent use.
package telnyxtest
