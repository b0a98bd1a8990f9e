// Package bandwidthtest is Bandwidth's Numbers API v2 in memory: an http.Handler
// with the carrier's paths, bodies, statuses and errors over a simulated carrier of
// package sandbox.
//
//	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{}))
//	fake := httptest.NewServer(bandwidthtest.New(engine, bandwidthtest.Config{}))
//	p, err := bandwidth.New(bandwidth.Config{Base: fake.URL + bandwidthtest.Path, ...})
//
// # What it promises
//
//   - It is written from the carrier's documents, not from the adapter: a mistake in
//     a name shows. An element, query parameter or condition that the carrier does not
//     document is refused, and so is a request without what the carrier needs.
//   - What goes wrong at the engine goes wrong on the wire: a lost answer is a
//     connection that is cut, a throttled call is a 429 with X-RateLimit-Reset, a
//     status that nobody knows stands in the status of the answer.
//   - Errors come in the shape of their resource, in any of the eleven shapes that is
//     asked for ([Server.Answer]), or, with Config.Hostile, in one picked by hash.
//   - CustomerOrderId is a label and not unique, as at the carrier. References of
//     orders are those of the engine.
//
// It is safe for concurrent use. Nothing runs in the background.
package bandwidthtest
