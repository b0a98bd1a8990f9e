// Package sandbox is a carrier that exists only in software. It sells numbers
// that look real, in real places, for money that nobody pays, so that the first
// number can be bought with nothing else running, and so that a buyer can be
// tested against everything that goes wrong between a buyer and a carrier.
//
//	carrier, err := sandbox.New(sandbox.Config{})
//	set, err := provider.NewSet(carrier)
//
// It searches, holds, orders, closes orders, lists what is owned, routes, takes
// numbers back and looks numbers up. It ports numbers in, lets other carriers take
// numbers away, and writes messages about what has changed. It lists caller names
// and looks names up, checks addresses, and registers numbers and moving devices
// for emergency calls.
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
//   - A caller name is listed 5 to 60 seconds after it was booked, after a review of
//     up to an hour with Config.NameReview, and look-ups show it within a minute
//     more. A carrier tells no more of it than Config.NameProof allows. Names for
//     numbers that were lost are gone.
//   - A registration for emergency calls is in force 2 to 60 seconds after it was
//     booked, one in eight up to four minutes later. An address is judged by its
//     content alone: an upper case, abbreviated one with its full ZIP is valid as it
//     stands, other writings of it are corrected to that, a house number that is a
//     multiple of 100 on a street without directional is ambiguous, and one without
//     house number, street, city, known state and ZIP, or with a PO box, is unusable.
//     Package internal/registrar has the rules. What CheckAddress proposes is valid.
//   - The ledger is the truth. It is written before the reply is given, so that a
//     killed process loses nothing that was replied. It outlives the process, can
//     be read while a carrier has it open ([ReadLedger]) and has one writer. It is
//     kept in memory as a whole: about 1 kB for each number ordered. Names and
//     addresses stand in it as they were given: give it made-up ones.
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
// # Ports
//
//   - Any number that somebody could have can be ported in, but for one in ten, for
//     which [provider.PortCheck] says why. Its losing carrier is the one that a
//     look-up names; [Carrier.LosingAccount] tells the account number and the PIN
//     that it compares.
//   - A port takes its time: checked in minutes, acknowledged in one to three
//     business days, its date three to ten days out, or as desired up to 30 days,
//     cut over at 11:30 of that day. Each of these is decided when a request is
//     booked. A number is ours from PortDone on, and not before.
//   - A wrong account number or PIN, no authorised person and no service address are
//     rejected, with the codes of this project; an amended request goes on. A missing
//     letter of authorisation stops an order until one is uploaded.
//   - The losing carrier rejects and moves dates, and other carriers ask for numbers,
//     also when a test says so: [Carrier.RejectPort], [Carrier.MoveFOC],
//     [Carrier.AskPortOut]. Who does not answer until AnswerBy has agreed.
//   - No account number, PIN, name, address, e-mail address or text of a comment is in
//     the ledger, nor a sum of one: it keeps what the losing carrier finds wrong. Of
//     documents it keeps the SHA-256. Comments of ours read "[redacted]" after a
//     restart. The HTTP face has all of it in the clear.
//   - [Carrier.Messages] signs what has changed about orders, returns, ports and
//     port-outs; Capabilities.Hooks believes what is signed with [Config.HookKey], and
//     nothing without it.
//
// The sandbox knows no options, and refuses any.
//
// The rates in Traits are generous, and not enforced: a carrier that throttles is
// one with the fault [Throttled].
package sandbox
