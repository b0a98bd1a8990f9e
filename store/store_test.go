package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

func TestRecordsAreChecked(t *testing.T) {
	good := func() *store.Record {
		return &store.Record{Kind: "did", ID: "+15015550123", Tags: []store.Tag{{Name: "tenant"}}}
	}
	require.NoError(t, good().Validate())
	for says, spoil := range map[string]func(*store.Record){
		"Record.Kind is empty":      func(r *store.Record) { r.Kind = "" },
		"Record.ID is empty":        func(r *store.Record) { r.ID = "" },
		"Record.ID contains a NUL":  func(r *store.Record) { r.ID = "a\x00b" },
		"Record.ID is not valid":    func(r *store.Record) { r.ID = "\xff" },
		"Record.ID has 513 bytes":   func(r *store.Record) { r.ID = store.ID(strings.Repeat("a", 513)) },
		"Record.Tags name is empty": func(r *store.Record) { r.Tags = []store.Tag{{Value: "x"}} },
		"Record.Tags has 65":        func(r *store.Record) { r.Tags = make([]store.Tag, 65) },
		"Record.Unique value of n":  func(r *store.Record) { r.Unique = []store.Tag{{Name: "n", Value: "\x00"}} },
		"Record.Row has":            func(r *store.Record) { r.Row = make([]byte, store.MaxRow+1) },
		"Record.Body has":           func(r *store.Record) { r.Body = make([]byte, store.MaxBody+1) },
	} {
		r := good()
		spoil(r)
		err := r.Validate()
		require.ErrorIs(t, err, store.ErrInvalid, says)
		require.ErrorContains(t, err, says)
	}
}

func TestQuestionsAreChecked(t *testing.T) {
	require.NoError(t, (&store.Query{Kind: "did", Limit: store.MaxLimit}).Validate())
	for _, q := range []store.Query{{}, {Kind: "did", Limit: -1}, {Kind: "did", Limit: store.MaxLimit + 1}, {Kind: "did", Prefix: "\x00"}, {Kind: "did", Contains: "\xff"},
		{Kind: "did", All: []store.Tag{{}}}} {
		require.ErrorIs(t, q.Validate(), store.ErrInvalid)
	}
	ok := store.Claim{Kind: "work", Now: time.Now(), Lease: time.Second, Worker: "w"}
	require.NoError(t, ok.Validate())
	for _, spoil := range []func(*store.Claim){func(c *store.Claim) { c.Kind = "" }, func(c *store.Claim) { c.Now = time.Time{} }, func(c *store.Claim) { c.Lease = 0 },
		func(c *store.Claim) { c.Worker = "" }, func(c *store.Claim) { c.Limit = -1 }} {
		c := ok
		spoil(&c)
		require.ErrorIs(t, c.Validate(), store.ErrInvalid)
	}
	require.ErrorIs(t, store.ValidateEntry("", &store.Entry{}), store.ErrInvalid)
	require.ErrorIs(t, store.ValidateRead("s", "", -1), store.ErrInvalid)
	require.Equal(t, store.DefaultLimit, store.PageSize(0))
}

func TestErrorsSayWhatTheyAreAbout(t *testing.T) {
	for is, err := range map[error]error{
		store.ErrTaken:    &store.TakenError{Kind: "did", Unique: store.Tag{Name: "ref", Value: "PN1"}, Holder: "+15015550123"},
		store.ErrConflict: &store.RecordError{Kind: "did", ID: "+15015550123", Err: store.ErrConflict},
		store.ErrDamaged:  &store.FileError{Path: "/var/desk.db", What: "page 7 fails its sum", Remedy: "restore the last backup", Err: store.ErrDamaged},
	} {
		require.ErrorIs(t, err, is)
	}
	require.EqualError(t, &store.FileError{Path: "/var/desk.db", What: "page 7 fails its sum", Remedy: "restore the last backup", Err: store.ErrDamaged},
		"store: damaged: /var/desk.db: page 7 fails its sum; restore the last backup")
}

func TestIDsAreUniqueAndSortByAge(t *testing.T) {
	seen := map[store.ID]bool{}
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	var last store.ID
	for range 10_000 {
		id := store.NewID(now)
		require.Len(t, id, 26)
		require.False(t, seen[id])
		require.Greater(t, id, last[:min(len(last), 10)])
		seen[id], last = true, id
		now = now.Add(time.Millisecond)
	}
}

// An error of a store says which kind it is and what it is about.
func ExampleTakenError() {
	err := error(&store.TakenError{Kind: "tenant", Unique: store.Tag{Name: "name", Value: "Acme"}, Holder: "acme"})
	fmt.Println(errors.Is(err, store.ErrTaken))
	fmt.Println(err)
	// Output:
	// true
	// store: tenant with name "Acme" exists already: "acme"
}
