package store

import (
	"context"
	"time"
)

type (
	// Kind groups records of one sort: "did", "tenant", "work".
	Kind string
	// ID names a record within its kind and orders it: lists are in the bytewise order of IDs.
	ID string
	// Stream names an append-only sequence of entries.
	Stream string
	// Seq is a position in a stream. The first is 1; positions grow, gaps are allowed.
	Seq uint64
)

// Tag is an equality term that a query can ask for. A domain that wants a
// compound index writes a compound tag.
type Tag struct{ Name, Value string }

// Record is what a store keeps. The store reads Kind, ID, Version, Tags, Unique
// and Due; Row and Body are the domain's own bytes.
type Record struct {
	Kind    Kind
	ID      ID
	Version uint64 // 0: not stored yet
	Tags    []Tag  // at most MaxTags, in any order; a name may repeat with other values
	Unique  []Tag  // among the records of one kind, one holder for each (name, value)
	Due     time.Time
	Row     []byte // what a list shows; at most MaxRow bytes
	Body    []byte // the rest; not read by List unless asked for; at most MaxBody bytes
}

// Query selects records of one kind. Every condition must hold. A store answers
// it without reading a body, unless Whole is set.
type Query struct {
	Kind     Kind
	All      []Tag  // every one of these tags
	Prefix   ID     // the ID begins with it
	Contains string // the ID contains it
	After    string // cursor: Found.Next of the page before, "" for the first page
	Limit    int    // page size: 0 means DefaultLimit, more than MaxLimit is refused
	Whole    bool   // records as Get returns them, not only what a list shows
}

// Found is one page. Next is "" on the last one. Records carry kind, ID, version,
// due time and row; tags, unique tags and body only when the query asked for whole
// records. What is to be Put again has to be whole.
type Found struct {
	Records []Record
	Next    string
}

// Entry is one element of a stream.
type Entry struct {
	Seq     Seq    // given by Append
	Subject string // "" or what the entry is about; Read can be limited to it
	At      time.Time
	Body    []byte
}

// Reader is the reading half of a transaction.
type Reader interface {
	// Get returns the whole record, or ErrNotFound.
	Get(k Kind, id ID) (Record, error)
	// List returns one page of records in the order of their IDs.
	List(q Query) (Found, error)
	// Count counts what List would walk through, and stops at atMost (0: never);
	// exact is false when there is more. After, Limit and Whole do not matter.
	Count(q Query, atMost int) (n int, exact bool, err error)
	// Read returns up to limit entries after a position, oldest first. An empty
	// subject means the whole stream. limit as in Query.
	Read(s Stream, subject string, after Seq, limit int) ([]Entry, error)
}

// Tx is a transaction that may write.
type Tx interface {
	Reader
	// Put stores the record when r.Version is the stored version (0: none) and
	// sets r.Version to the new one. ErrConflict when it is another, ErrTaken when
	// another record holds one of r.Unique. It replaces tags, unique tags, due
	// time, row and body together.
	Put(r *Record) error
	// Delete removes the record when its stored version is this one: ErrConflict
	// when it is another, ErrNotFound when there is none.
	Delete(k Kind, id ID, version uint64) error
	// Append adds an entry to a stream and returns its position. e.Seq is ignored.
	Append(s Stream, e Entry) (Seq, error)
}

// Claim asks for due work.
type Claim struct {
	Kind   Kind
	Now    time.Time     // records with Due at or before Now and no running lease
	Lease  time.Duration // how long they belong to the worker; more than 0
	Limit  int           // as in Query
	Worker string        // who claims, for people to read; not empty
}

// Store is a durable store. See the package documentation for what it promises.
type Store interface {
	View(ctx context.Context, f func(Reader) error) error
	Update(ctx context.Context, f func(Tx) error) error
	// Claim returns due records as Get does, the longest due first.
	Claim(ctx context.Context, c Claim) ([]Record, error)
	// Close ends the store. It waits for running transactions; afterwards every
	// call returns ErrClosed. Closing twice is no error.
	Close() error
}
