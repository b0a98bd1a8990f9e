package did

import (
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/store"
)

// SectionName names a domain that lives on DIDs: "e911", "cnam".
type SectionName string

// Summary is what a section shows of a DID in a list. The section's own record
// belongs to its domain.
type Summary struct {
	Status string `json:"status"`         // one of Section.Statuses: "registered", "not-set"; found by Filter.Section
	Text   string `json:"text,omitempty"` // what the column shows
}

// Summaries are what the sections show of one DID, in the order of their names.
type Summaries []NamedSummary

// NamedSummary is the summary of one section.
type NamedSummary struct {
	Name SectionName `json:"name"`
	Summary
}

// Of is the summary of a section; zero when it has none.
func (s Summaries) Of(n SectionName) Summary {
	if i, ok := s.find(n); ok {
		return s[i].Summary
	}
	return Summary{}
}

// Has reports whether the section has a summary.
func (s Summaries) Has(n SectionName) bool {
	_, ok := s.find(n)
	return ok
}

// Set puts the summary of a section.
func (s *Summaries) Set(n SectionName, v Summary) {
	i, ok := s.find(n)
	if !ok {
		*s = slices.Insert(*s, i, NamedSummary{Name: n})
	}
	(*s)[i].Summary = v
}

func (s Summaries) find(n SectionName) (int, bool) {
	return slices.BinarySearchFunc(s, n, func(x NamedSummary, n SectionName) int { return strings.Compare(string(x.Name), string(n)) })
}

// Leave says why a DID leaves its tenant, or us.
type Leave string

const (
	ReleasedByTenant Leave = "released"
	TenantDeleted    Leave = "tenant deleted"
	GivenBack        Leave = "given back"
	PortedAway       Leave = "ported away"
)

// Section is how a domain lives on a DID without this package knowing it. Every
// method runs inside this package's transaction and may run more than once; it
// sets its summary in d.Sections and writes its own records, and nothing else.
type Section interface {
	Name() SectionName
	// Statuses lists what Summary.Status can be.
	Statuses() []string
	// Initial is the summary of a number that has just come.
	Initial(d DID) Summary
	// Assigned is told when a tenant gets the number.
	Assigned(t *Tx, d *DID) error
	// Leaving is told before a number leaves its tenant: e911 books the end of the
	// registration here.
	Leaving(t *Tx, d *DID, why Leave) error
	// Objections says in words why an event must not happen now; none is fine.
	Objections(r store.Reader, d DID, on Event) ([]string, error)
}
