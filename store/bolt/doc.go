// Package bolt is the reference store: one file, written by go.etcd.io/bbolt.
//
// # Promises beside those of package store
//
//   - What an Update did is on the disk when it returns nil: bbolt has synced the
//     pages, then the page that makes them the newest state.
//   - A damaged file never takes the process down and is never read as something
//     else: every element carries a sum over its bucket, key and value that is
//     checked whenever it is read, and a record that is not found is not there
//     only when its neighbours are sound and in order. The answer to damage is a
//     *store.FileError that wraps store.ErrDamaged and says what to do.
//   - Open refuses a file whose head, free pages or branch pages are damaged, one
//     that was cut off, and one that another process holds, within a second. After
//     a crash it verifies the whole file first, at some hundred megabytes a second.
//   - Lists read rows and indexes, no bodies. Memory does not grow with the number
//     of records: the file is mapped, and a transaction holds what it has written
//     until it commits.
//
// The file MUST be on a local disk: locks of network file systems are not
// reliable. A program that is killed leaves the state of its last commit.
//
// # What is in the file
//
// The bucket meta holds the version of the format, the mark of a clean close, the
// last version given, the last position of each stream, and for every other
// bucket the number of its elements and a digest of their sums. Each kind has the
// buckets rows (ID to version, due time, tags and row), bodies, ids, tags (name,
// value, ID), unique (name and value to ID) and due (time, ID, to the lease). The
// streams share entries (stream, position) and subjects (stream, subject,
// position).
//
// bbolt writes the file and says which pages a state consists of. This package
// reads them itself, with bounds: the reader that serves a View and the one that
// verifies the file are one.
package bolt
