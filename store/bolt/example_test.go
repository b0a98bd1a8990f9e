package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/bolt"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "numberdesk")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	s, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(dir, "desk.db")})
	if err != nil {
		fmt.Println(err) // says what is wrong with which file, and what to do
		return
	}
	defer s.Close()

	err = s.Update(ctx, func(tx store.Tx) error {
		return tx.Put(&store.Record{
			Kind: "did", ID: "+15015550123",
			Tags: []store.Tag{{Name: "state", Value: "AR"}, {Name: "status", Value: "active"}},
			Row:  []byte("Little Rock"),
		})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = s.View(ctx, func(tx store.Reader) error {
		page, err := tx.List(store.Query{Kind: "did", All: []store.Tag{{Name: "state", Value: "AR"}}})
		for _, r := range page.Records {
			fmt.Printf("%s in %s\n", r.ID, r.Row)
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: +15015550123 in Little Rock
}

func ExampleStore_Backup() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "numberdesk")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	s, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(dir, "desk.db")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	var tape bytes.Buffer
	if _, err := s.Backup(ctx, &tape); err != nil { // while others go on
		fmt.Println(err)
		return
	}
	copied := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(copied, tape.Bytes(), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	report, err := bolt.Verify(ctx, copied)
	fmt.Println(report.Records, "records,", len(report.Damage), "damages,", err)
	// Output: 0 records, 0 damages, <nil>
}

func ExampleVerify() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "numberdesk")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "desk.db")
	s, err := bolt.Open(ctx, bolt.Options{Path: path})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Close()
	if err := os.Truncate(path, 8000); err != nil {
		fmt.Println(err)
		return
	}
	_, err = bolt.Verify(ctx, path)
	fmt.Println(errors.Is(err, store.ErrDamaged))
	var fe *store.FileError
	if errors.As(err, &fe) {
		fmt.Println(fe.Remedy)
	}
	// Output:
	// true
	// restore the last backup over the file, then reconcile with the carriers
}
