package did

import (
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// TenantID names a tenant; chosen by the embedder.
type TenantID string

// Destination is where the calls of a DID go: a call flow, an extension, a queue,
// or whatever the embedder has. The zero value is "not routed".
type Destination struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// DID is one number of the inventory, open or closed.
type DID struct {
	Number     nanp.Number
	Carrier    provider.ID
	Ref        provider.Ref // the carrier's reference of the number
	Order      store.ID     // the intent that bought it
	Status     Status
	Prior      Status // where a RETURNING number came from
	Tenant     TenantID
	Dest       Destination
	Blocks     []Block
	State      string
	City       string
	RateCenter string
	Price      money.Price
	Sections   Summaries
	Attention  string        // why a person should look at it; "" when all is well
	Said       provider.Said // the carrier's word behind Status
	Bought     time.Time     // when the intent was booked
	Since      time.Time     // when Status was reached
	Version    uint64

	was *snapshot // as it was read, for the journal
}

// Block keeps a DID from something. Several may hold at once.
type Block struct {
	Kind  BlockKind
	Who   string
	Why   string
	Since time.Time
}

// BlockKind says what a block is about.
type BlockKind string

const (
	Locked         BlockKind = "locked"    // by a person
	Suspended      BlockKind = "suspended" // for want of an E911 registration
	PortOutPending BlockKind = "port-out"  // another carrier has asked for it
)

// Assigned reports whether a tenant has the number.
func (d *DID) Assigned() bool { return d.Tenant != "" }

// Blocked returns the block of a kind.
func (d *DID) Blocked(k BlockKind) (Block, bool) {
	for _, b := range d.Blocks {
		if b.Kind == k {
			return b, true
		}
	}
	return Block{}, false
}

const kindDID store.Kind = "did"

// Names of the tags by which DIDs are found. A closed DID carries only its status
// and its carrier, so that it is out of every other view.
const (
	tagOpen         = "open"
	tagStatus       = "status"
	tagCarrier      = "carrier"
	tagTenant       = "tenant"        // "" is unassigned
	tagTenantStatus = "tenant+status" // both, as one term
	tagBlock        = "block"
	tagSection      = "section:" // + its name
)

func (d *DID) tags() []store.Tag {
	tags := []store.Tag{{Name: tagStatus, Value: string(d.Status)}, {Name: tagCarrier, Value: string(d.Carrier)}}
	if d.Status.Closed() {
		return tags
	}
	tags = append(tags, store.Tag{Name: tagOpen}, store.Tag{Name: tagTenant, Value: string(d.Tenant)}, tenantStatus(d.Tenant, d.Status))
	for _, b := range d.Blocks {
		tags = append(tags, store.Tag{Name: tagBlock, Value: string(b.Kind)})
	}
	for _, x := range d.Sections {
		tags = append(tags, store.Tag{Name: tagSection + string(x.Name), Value: x.Status})
	}
	return tags
}

func tenantStatus(t TenantID, s Status) store.Tag {
	return store.Tag{Name: tagTenantStatus, Value: string(s) + "/" + string(t)}
}

func recordID(n nanp.Number) store.ID { return store.ID(n.String()) }
