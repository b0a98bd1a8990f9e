// Package sandboxtest is a stage for package providertest over the simulated
// carrier of package sandbox: a clock that moves when it is told to, calls that go
// wrong when they are told to, and the carrier's ledger as the truth.
//
//	stage := sandboxtest.New(t, acmetest.Engine(sandbox.Config{}))
//	fake := httptest.NewServer(acmetest.New(stage.Carrier))
//	t.Cleanup(fake.Close)
//	p, err := acme.New(acme.Config{Base: fake.URL, Now: stage.Now})
//	require.NoError(t, err)
//	return stage.World(p)
//
// With [sandbox.Hostile] as its chaos the stage is hostile: everything goes wrong
// by chance, and what would make a certain call fail is missing in the world.
//
// A stage belongs to one case. Its methods are safe for concurrent use.
package sandboxtest
