// Package vanity finds numbers that people remember: it reads what is wished for,
// says which numbers that is, what of it a carrier can be asked, what numbers spell,
// and which of them are easy to keep in mind.
//
// # Patterns
//
// A [Pattern] is a wish that [Compile] has read: "877-555-XXXX" for ten thousand
// numbers, "8XX-OUR-FOOD" for seven, "888-XXX-1000", "1-800-FLOWERS", "877-&&&-TREE"
// for a digit three times. It is a set of valid numbers, which can be matched
// ([Pattern.Match]), counted ([Pattern.Count]) and walked through in order
// ([Pattern.All]) without being held, and its numbers can be written as the wish was
// ([Pattern.Spell]). [Digits] and [Letters] are the keypad both ways.
//
// X is a wildcard to people and a letter on key 9. One rule tells which, at
// [Compile]; [XAs] and quotation marks overrule it, [Pattern.String] shows what was
// read, and a [Note] says where it may have been meant otherwise.
//
// # Carriers
//
// A [Query] is one question to one carrier; a [Dialect] is the set of questions that
// a carrier understands. [Split] makes the fewest questions of a pattern that say
// anything of it; what a carrier cannot be asked is filtered from its answers, so
// that one wish means the same everywhere.
//
// # Inventories, words and marks
//
// An [Index] holds numbers and answers any pattern over them. [Words] tells what a
// number spells. [Score] says how easily a number is remembered, and why.
//
// # Promises
//
//   - A pattern matches a number or it does not, at every carrier and in the Index:
//     Match, Count, All and the plans of Split MUST agree.
//   - No number of a pattern is lost in a plan: each is matched by one query at
//     least. A plan that calls itself exact matches no other number.
//   - Compile never guesses silently. What no rule reads is an [*Error] that names
//     the place, the [Rule] and what would be right; what two rules could read has
//     a Note. A pattern that no valid number can match is an error.
//   - Texts from strangers are safe: what is read of them is bounded, an error quotes
//     at most 64 bytes and escapes what cannot be printed, and letters that only look
//     Latin are refused.
//   - Match does not allocate. Compile takes about a microsecond, Count at most some.
//
// The package is pure: no I/O but what it is handed, nothing is kept. Patterns,
// queries, dialects and words never change and are safe for concurrent use, and so is
// an Index; decoding methods write to their receiver.
//
// # Sources
//
//   - The letters of the keys: ITU-T E.161, with Q on 7 and Z on 9.
//   - What makes a number valid, and the toll-free codes: package nanp.
//   - The wildcards * and &, and letters as keys: the toll-free search of the SMS/800
//     registry. N and X as classes of digits: dialling plans.
package vanity
