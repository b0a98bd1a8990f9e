package provider

import (
	"fmt"
	"strings"
	"time"
)

// ID names one configured account at one carrier: 1 to 32 of [a-z0-9-]. Two
// accounts at the same carrier are two IDs.
type ID string

// Ref is the carrier's own identifier of a thing; "" where it has none.
type Ref string

// Raw is the carrier's own status word, verbatim.
type Raw string

// Key is chosen and stored by the caller before a creating call: 1 to 32 of
// [A-Za-z0-9-], which fits every carrier's label (Bandwidth CustomerOrderId 40,
// Twilio emergency FriendlyName 32, Telnyx customer_reference).
type Key string

// Options carries what one carrier alone knows: placement that it demands
// (Bandwidth SiteId and PeerId), conditions of its own search. An adapter refuses
// a name that it does not know.
type Options map[string]string

// Said is the evidence of a status: who said it, in which word, in answer to
// which request, and when. The zero value means that nobody has said anything.
type Said struct {
	By      ID        `json:"by,omitempty"`
	Raw     Raw       `json:"raw,omitempty"`
	Request string    `json:"request,omitempty"` // the carrier's request ID, for its support
	At      time.Time `json:"at,omitzero"`
}

// Provider is one carrier account. Implementations are safe for concurrent use.
type Provider interface {
	ID() ID
	Capabilities() Capabilities
}

// Capabilities is what a carrier offers. A nil interface is not offered, and
// Traits.Why says why. The tag is the name of the capability.
type Capabilities struct {
	Search     Searcher       `capability:"search"`
	Places     Gazetteer      `capability:"places"`
	Holds      Holder         `capability:"holds"`
	Orders     Orderer        `capability:"orders"`
	OrderClose OrderCloser    `capability:"order-close"`
	Owned      Owner          `capability:"owned"`
	Routing    Router         `capability:"routing"`
	Return     Returner       `capability:"return"`
	Names      Namer          `capability:"names"`
	NameLookup NameLookuper   `capability:"name-lookup"`
	Lookup     NumberLookuper `capability:"lookup"`
	Addresses  AddressChecker `capability:"addresses"`
	Emergency  Registrar      `capability:"emergency"`
	Endpoints  EndpointKeeper `capability:"endpoints"`
	PortCheck  PortChecker    `capability:"port-check"`
	Ports      Porter         `capability:"ports"`
	PortAmend  PortAmender    `capability:"port-amend"`
	PortDocs   PortDocumenter `capability:"port-docs"`
	PortNotes  PortCommenter  `capability:"port-notes"`
	PortOuts   PortOuter      `capability:"port-outs"`
	Hooks      Hooker         `capability:"hooks"`

	Traits Traits
}

// Capability names one interface of Capabilities, in traits, errors and hints.
type Capability string

const (
	CapSearch     Capability = "search"
	CapPlaces     Capability = "places"
	CapHolds      Capability = "holds"
	CapOrders     Capability = "orders"
	CapOrderClose Capability = "order-close"
	CapOwned      Capability = "owned"
	CapRouting    Capability = "routing"
	CapReturn     Capability = "return"
	CapNames      Capability = "names"
	CapNameLookup Capability = "name-lookup"
	CapLookup     Capability = "lookup"
	CapAddresses  Capability = "addresses"
	CapEmergency  Capability = "emergency"
	CapEndpoints  Capability = "endpoints"
	CapPortCheck  Capability = "port-check"
	CapPorts      Capability = "ports"
	CapPortAmend  Capability = "port-amend"
	CapPortDocs   Capability = "port-docs"
	CapPortNotes  Capability = "port-notes"
	CapPortOuts   Capability = "port-outs"
	CapHooks      Capability = "hooks"
)

// Validate refuses an ID that is not 1 to 32 of [a-z0-9-].
func (id ID) Validate() error {
	return word("carrier ID", string(id), lower+digits+"-", "[a-z0-9-]")
}

// Validate refuses a key that is not 1 to 32 of [A-Za-z0-9-].
func (k Key) Validate() error {
	return word("key", string(k), lower+upper+digits+"-", "[A-Za-z0-9-]")
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

func word(what, s, alphabet, shown string) error {
	if len(s) < 1 || len(s) > 32 {
		return &FieldError{what, "length", fmt.Sprintf("has %d characters, must be 1 to 32", len(s))}
	}
	for i, r := range s {
		if !strings.ContainsRune(alphabet, r) {
			return &FieldError{what, "characters", fmt.Sprintf("has %q at %d, must be of %s", r, i, shown)}
		}
	}
	return nil
}
