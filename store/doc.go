// Package store is the contract between numberdesk and a durable store.
//
// A store keeps records (an identity, tags, a due time, a row and a body) and
// streams (append-only entries). Domains above decide what the bytes mean; a
// store decides how they survive. The package holds types, errors and
// validation only: store/bolt is the reference store, store/storetest proves
// any other.
//
// # Promises that a store makes
//
//   - When Update returns nil, everything that its function did MUST survive a
//     crash of the process and of the machine. When it returns another error
//     than ErrUnclear, nothing of it happened.
//   - When Update returns ErrUnclear the outcome is not known: the caller MUST
//     read again before it acts.
//   - Updates are serialisable. The function of an Update MAY run more than
//     once, so it MUST NOT have effects outside the transaction.
//   - A function sees one consistent state, and its own writes. It MUST NOT call
//     View, Update or Claim of the same store: that may block for ever.
//   - Put succeeds only when the stored version is the one in the record (0 for
//     a record that is not there): compare-and-set. Versions of one ID only
//     grow, even across a Delete. When an Update fails, the versions that its
//     records were given mean nothing.
//   - A record that comes out is the record that went in. A store that finds its
//     medium damaged MUST answer ErrDamaged, never something else, and MUST NOT
//     take the process down.
//   - Records, rows, bodies and entries that are returned belong to the caller.
//     What is passed to Put and Append is not kept after the call.
//   - List answers in the order of IDs (bytewise). A cursor stays usable while
//     records come and go: a record that is there during the whole walk is
//     listed exactly once.
//   - Append gives positions in commit order: a reader that has seen position n
//     never sees a smaller one appear afterwards.
//   - Claim hands each due record to one worker until its lease ends. A lease is
//     not a change of the record: its Version stays. A Put or a Delete of the
//     record ends its lease.
//   - All methods of a Store are safe for concurrent use. A Reader or Tx belongs
//     to its function and MUST NOT be used after it or by another goroutine.
//   - When its context ends, a long read stops with the context's error; an
//     Update that has not begun to commit changes nothing.
//
// Times are stored in UTC and truncated to microseconds; they are within a quarter
// of a million years of 1970. Tags keep their order and their repeats.
package store
