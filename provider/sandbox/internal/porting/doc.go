// Package porting is what a simulated carrier knows about numbers that come to it
// from other carriers and go to them: port orders, documents, comments, requests
// of others for its numbers.
//
// It keeps these promises:
//
//   - A [State] is the sum of its entries and nothing else. An [Entry] carries the
//     durations that were rolled when it was written ([Pace]); where an order
//     stands at an instant follows from the entries and the instant. There is no
//     clock, no chance and no I/O here.
//   - Entries may arrive later than they were written, and are then taken in the
//     order of their arrival: one that makes no sense any more when it arrives
//     changes nothing, and what was true before an entry stays true.
//   - No entry holds an account number, a PIN, a name or an address: [Facts] says
//     what the losing carrier would find wrong with them.
//   - A number of an order ends in one way: it is gained ([Order.Outcome]), let go
//     by a cancellation, or still open.
//
// A State is not safe for concurrent use: its owner locks.
package porting
