// Package sandbox is a carrier that exists only in software. It sells numbers
// that look real, in real places, for money that nobody pays, so that the first
// number can be bought with nothing else running, and so that a buyer can be
// tested against everything that goes wrong between a buyer and a carrier.
//
//	carrier, err := sandbox.New(sandbox.Config{})
//	set, err := provider.NewSet(carrier)
//
// It searches, holds, orders, closes orders, lists what is owned, routes, takes
// numbers back and looks numbers up. It sets no caller names, registers nothing
// for emergency calls and ports nothing: Traits.Why says so.
//
// # What it promises
//
//   - It is deterministic. What is for sale, how long an order takes and what
//     goes wrong follow from seeds and from what a call is about, never from the
//     order of calls. The same seed is the same carrier on every machine.
//   - Only numbers that could be provisioned are for sale: each passes
//     nanp.Number.CheckDID. In each local exchange about one number in six is,
//     and besides a run of at least 25 consecutive ones; of the toll-free numbers
//     one in six in every code in service. What is for sale is derived, not stored.
//   - Pages of a search come in ascending order, and neither repeat a number nor
//     skip one that stays for sale.
//   - Every line of an order settles 2 to 60 seconds after it was booked, one in
//     three by way of being assigned first. Config.Speed makes that shorter; all
//     durations that a caller sees are in the time of the clock. Nothing runs in
//     the background: what is true at an instant is computed when asked.
//   - The ledger is the truth. It is written before the reply is given, so that a
//     killed process loses nothing that was replied. It outlives the process, can
//     be read while a carrier has it open ([ReadLedger]) and has one writer. It is
//     kept in memory as a whole: about 1 kB for each number ordered.
//   - With the keying provider.Once, which is the default, a key is applied once,
//     whatever is sent. With less, the carrier books what it is sent, and a buyer
//     who sends twice has paid twice: [Book.Doubled].
//   - A polite carrier does what it says. With [Chaos], calls fail in one of the
//     ways of [Fault], each of which keeps the contract of package provider:
//     NotApplied is proven, Absent is true at AsOf, and nothing arrives after the
//     horizon.
//   - [Carrier.Handler] and [Dial] put a network between the buyer and the carrier.
//     A dialled carrier behaves as the same carrier in the process does.
//   - Nothing sleeps, but for calls that chaos hangs until their context ends or
//     the carrier is closed. Everything is safe for concurrent use.
//
// The rates in Traits are generous, and not enforced: a carrier that throttles is
// one with the fault [Throttled].
package sandbox
