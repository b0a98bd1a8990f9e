package did

import "github.com/numberdesk/numberdesk/store"

// SectionName names a domain that lives on DIDs: "e911", "cnam".
type SectionName string

// Summary is what a section shows of a DID in a list. The section's own record
// belongs to its domain.
type Summary struct {
	Status string `json:"status"`         // one of Section.Statuses: "registered", "not-set"; found by Filter.Section
	Text   string `json:"text,omitempty"` // what the column shows
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
// changes d.Sections[Name()] and writes its own records, and nothing else.
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
