// Package twiliotest is a Twilio that exists only in software: the paths, bodies,
// statuses and errors of Twilio's APIs over a simulated carrier.
//
//	engine, err := sandbox.New(twiliotest.Engine(sandbox.Config{}))
//	fake := twiliotest.New(engine, twiliotest.Config{Account: account, Token: token})
//	srv := httptest.NewServer(fake)
//
// One server answers for all hosts: their paths differ. It checks credentials,
// parameters and the rules of a search pattern, and refuses what Twilio refuses, in
// Twilio's words. A parameter that Twilio's documents do not have is refused, which
// Twilio does not do: a misspelling must show.
//
// What is for sale, owned, registered and ported is the engine's, and so is what
// goes wrong with a call. Addresses, documents, customer profiles and trust products
// live in the server, in memory. A trust product that was submitted is approved
// after a day, unless the engine turns its name down; a customer profile is approved
// from the start.
//
// It is safe for concurrent use.
package twiliotest
