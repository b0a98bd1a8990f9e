package names_test

import (
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/names"
)

// What is held at an instant follows from what was booked before.
func Example() {
	n := nanp.MustParse("501-555-0101")
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ours := func(nanp.Number, time.Time) (time.Time, bool) { return time.Time{}, true }

	s := names.New(ours)
	s.Apply(names.Entry{At: noon, Key: "n1", Ref: "nm-1", Name: "ACME", Lines: []names.Line{{Number: n, Listed: noon.Add(30 * time.Second)}}})
	for _, after := range []time.Duration{0, time.Minute} {
		b := s.Find("n1", "", noon.Add(after))
		fmt.Printf("%q %d\n", s.Held(n, noon.Add(after)), s.At(b.Changes[0], noon.Add(after)))
	}
	fmt.Println(names.Fault("ACME#1", false))
	// Output:
	// "" 2
	// "ACME" 4
	// the name has a character that is none of A-Z a-z 0-9 space . , & ' -
}
