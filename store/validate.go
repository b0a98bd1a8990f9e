package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits that every store keeps, so that no domain grows to depend on one that
// is more generous.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
	MaxName      = 64  // bytes of a kind, a stream, a tag's name, a worker
	MaxID        = 512 // bytes of an ID, a subject, a tag's value, Query.Contains
	MaxTags      = 64  // tags, and unique tags, of one record
	MaxRow       = 64 << 10
	MaxBody      = 16 << 20 // also of an entry
)

// Validate says whether any store must accept the record. The error is an *InvalidError.
func (r *Record) Validate() error {
	switch {
	case len(r.Tags) > MaxTags:
		return &InvalidError{"Record.Tags", fmt.Sprintf("has %d tags, at most %d are kept", len(r.Tags), MaxTags)}
	case len(r.Unique) > MaxTags:
		return &InvalidError{"Record.Unique", fmt.Sprintf("has %d tags, at most %d are kept", len(r.Unique), MaxTags)}
	case len(r.Row) > MaxRow:
		return &InvalidError{"Record.Row", fmt.Sprintf("has %d bytes, at most %d are kept", len(r.Row), MaxRow)}
	case len(r.Body) > MaxBody:
		return &InvalidError{"Record.Body", fmt.Sprintf("has %d bytes, at most %d are kept", len(r.Body), MaxBody)}
	}
	if err := text("Record.Kind", string(r.Kind), 1, MaxName); err != nil {
		return err
	}
	if err := text("Record.ID", string(r.ID), 1, MaxID); err != nil {
		return err
	}
	if err := tags("Record.Tags", r.Tags); err != nil {
		return err
	}
	return tags("Record.Unique", r.Unique)
}

// Validate says whether any store must answer the query. The error is an *InvalidError.
func (q *Query) Validate() error {
	if err := text("Query.Kind", string(q.Kind), 1, MaxName); err != nil {
		return err
	}
	if err := limit("Query.Limit", q.Limit); err != nil {
		return err
	}
	if err := text("Query.Prefix", string(q.Prefix), 0, MaxID); err != nil {
		return err
	}
	if err := text("Query.Contains", q.Contains, 0, MaxID); err != nil {
		return err
	}
	return tags("Query.All", q.All)
}

// PageSize is a limit with its default filled in.
func PageSize(limit int) int {
	if limit == 0 {
		return DefaultLimit
	}
	return limit
}

// Validate says whether any store must answer the claim. The error is an *InvalidError.
func (c *Claim) Validate() error {
	if err := text("Claim.Kind", string(c.Kind), 1, MaxName); err != nil {
		return err
	}
	if err := limit("Claim.Limit", c.Limit); err != nil {
		return err
	}
	if c.Lease <= 0 {
		return &InvalidError{"Claim.Lease", "must be more than 0"}
	}
	if c.Now.IsZero() {
		return &InvalidError{"Claim.Now", "is not set"}
	}
	return text("Claim.Worker", c.Worker, 1, MaxName)
}

// ValidateEntry says whether any store must append the entry. The error is an *InvalidError.
func ValidateEntry(s Stream, e *Entry) error {
	if err := text("Stream", string(s), 1, MaxName); err != nil {
		return err
	}
	if len(e.Body) > MaxBody {
		return &InvalidError{"Entry.Body", fmt.Sprintf("has %d bytes, at most %d are kept", len(e.Body), MaxBody)}
	}
	return text("Entry.Subject", e.Subject, 0, MaxID)
}

// ValidateRead says whether any store must answer Reader.Read. The error is an *InvalidError.
func ValidateRead(s Stream, subject string, max int) error {
	if err := text("Stream", string(s), 1, MaxName); err != nil {
		return err
	}
	if err := limit("Read.limit", max); err != nil {
		return err
	}
	return text("Read.subject", subject, 0, MaxID)
}

func limit(field string, n int) error {
	if n < 0 || n > MaxLimit {
		return &InvalidError{field, fmt.Sprintf("is %d, must be 0 to %d", n, MaxLimit)}
	}
	return nil
}

func tags(field string, ts []Tag) error {
	for _, t := range ts {
		if err := text(field+" name", t.Name, 1, MaxName); err != nil {
			return err
		}
		if err := text(field+" value of "+t.Name, t.Value, 0, MaxID); err != nil {
			return err
		}
	}
	return nil
}

// text refuses NUL and broken UTF-8 so that a store may use NUL as a separator
// and a text column for any name.
func text(field, s string, min, max int) error {
	switch {
	case len(s) < min:
		return &InvalidError{field, "is empty"}
	case len(s) > max:
		return &InvalidError{field, fmt.Sprintf("has %d bytes, at most %d are kept", len(s), max)}
	case strings.IndexByte(s, 0) >= 0:
		return &InvalidError{field, "contains a NUL byte"}
	case !utf8.ValidString(s):
		return &InvalidError{field, "is not valid UTF-8"}
	}
	return nil
}
