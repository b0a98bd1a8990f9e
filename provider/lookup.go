package provider

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// LineType is what sort of line a number is.
type LineType uint8

const (
	LineUnknown LineType = iota
	LineLandline
	LineWireless
	LineVoIP
	LineTollFree
	LinePaging
)

func (l LineType) String() string {
	names := [...]string{"unknown", "landline", "wireless", "VoIP", "toll-free", "paging"}
	if int(l) < len(names) {
		return names[l]
	}
	return names[0]
}

// Tri is an answer that may not have been given.
type Tri uint8

const (
	NotSaid Tri = iota
	No
	Yes
)

// NumberInfo is what the numbering databases say about any number. A part that
// the carrier does not tell is empty.
type NumberInfo struct {
	Number   nanp.Number
	LRN      nanp.Number // location routing number
	SPID     string      // service provider that serves it now
	OCN      string      // operating company number
	Carrier  string      // its name
	Line     LineType
	Ported   Tri
	PortedOn time.Time
	State    string
	City     string
	RespOrg  string // toll-free numbers
	Said     Said
}

// NumberLookuper looks up who serves any number. It costs money at most carriers.
type NumberLookuper interface {
	LookupNumber(ctx context.Context, n nanp.Number) (NumberInfo, error)
}
