// Package providertest proves that a carrier's adapter keeps the promises of
// package provider.
//
// The author of an adapter runs every case from a test of his own:
//
//	func TestContract(t *testing.T) {
//		providertest.Run(t, providertest.Harness{New: func(t testing.TB) providertest.World {
//			stage := sandboxtest.New(t, acmetest.Engine(sandbox.Config{}))
//			fake := httptest.NewServer(acmetest.New(stage.Carrier))
//			t.Cleanup(fake.Close)
//			p, err := acme.New(acme.Config{Base: fake.URL, Now: stage.Now})
//			require.NoError(t, err)
//			return stage.World(p)
//		}})
//	}
//
// Each case has an ID that does not change, the level of the promise that it
// stands for, the capabilities that it needs and the reason for it. A MUST that is
// not kept fails the test; a SHOULD is logged. A case that cannot be proven,
// because the carrier does not offer what it needs or the [World] cannot arrange
// it, is reported as not run, with the reason. [Check] does the same without a
// test around it, for a command line.
//
// What a carrier cannot keep is a [Deviation] with a reason: the case still runs,
// and fails the test once it is kept.
//
// # What it promises
//
//   - Each MUST is able to fail: for each there is a carrier with one fault planted,
//     which it finds.
//   - A case has a World of its own, moves its clock, and waits for nothing but calls
//     that hang: each until it hangs, and at a hostile carrier for a second or so. An adapter that limits its rate should
//     be given rates that no test waits for.
//   - What has taken effect is compared with what the carrier has booked
//     ([World].Made, Ours), not with what the adapter says.
//   - In a hostile world ([World].Hostile) a case does what a caller must: it reads
//     again, and settles what is not known by looking. What only a certain fault can
//     show is then not run.
//
// The package links the standard library and this module only.
package providertest
