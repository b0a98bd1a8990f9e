package providertest

import (
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// World is a carrier and what can be arranged around it. Every part but Provider
// may be missing: the cases that need it are then reported as not run.
type World struct {
	Provider provider.Provider

	Now     func() time.Time      // the carrier's clock
	Advance func(d time.Duration) // moves it
	// Settle is how long it takes at most until what was asked for has settled when
	// nothing is wrong. Where Traits.Usual says more, that counts.
	Settle func(c provider.Capability) time.Duration

	// Fail makes the next call of op at the carrier go wrong: the call as it arrives
	// there, whatever the adapter made of it. struck tells whether it has happened.
	Fail func(op provider.Op, f Fault) (struck func() bool)
	// Unauthorize makes the carrier refuse our credentials from now on.
	Unauthorize func()
	// Hostile says that calls fail by chance in ways that pass. Cases then read again,
	// and settle what is not known by looking.
	Hostile bool

	// Made is how many calls of op have taken effect at the carrier: the truth. An order
	// of which each number was refused at once has had none.
	Made func(op provider.Op) int
	Ours func() []nanp.Number // the numbers that are ours there now: the truth

	Search         provider.SearchRequest // finds at least 20 local numbers
	TollFreeSearch provider.SearchRequest // of kind TollFree: finds at least 20; else there are none
	Taken          func() nanp.Number     // a number that another buyer took a moment ago

	Options      provider.Options   // what orders and ports need at this carrier
	Destinations []string           // two places where calls can be sent to
	Business     *provider.Business // for carriers that need one to set a name

	Elsewhere Elsewhere
	Addresses Addresses

	// Port is a correct and complete request for numbers of one losing account.
	Port       func(k provider.Key, n []nanp.Number) provider.PortRequest
	Document   func() provider.Document // a letter of authorisation
	RejectPort func(r provider.Ref)     // the losing carrier rejects the order when it comes to look at it
	AskPortOut func(n nanp.Number)      // another carrier asks for a number of ours

	Hook        func() provider.Webhook // a genuine message about something that just happened; another at each call
	UnknownHook func() provider.Webhook // a genuine message of a type that nobody knows
	Keyless     provider.Hooker         // the same decoder without a key

	// Secrets are values that were configured, or given with requests, and may not
	// show in any error.
	Secrets []string
}

// Elsewhere is numbers of other carriers.
type Elsewhere struct {
	One []nanp.Number // three or more, portable, in one account at one losing carrier
	Two []nanp.Number // two or more, portable, from two losing carriers
	Not []nanp.Number // one or more, not portable
}

// Addresses is one address for each verdict of the registrar.
type Addresses struct {
	Good      postal.Civic
	Other     postal.Civic // good as well
	Corrected postal.Civic // of which something else would be registered
	Ambiguous postal.Civic
	Bad       postal.Civic
}

// Fault is one thing that goes wrong with a call at the carrier.
type Fault string

const (
	ReplyLost     Fault = "reply lost"     // applied, the answer is lost
	NeverArrived  Fault = "never arrived"  // not applied, which the caller cannot know
	Late          Fault = "late"           // the caller cannot know; applied within the horizon
	Throttled     Fault = "throttled"      // not applied, with a time to wait
	Hung          Fault = "hung"           // not applied, no answer before the context ends
	HungApplied   Fault = "hung, applied"  // applied, no answer before the context ends
	UnknownStatus Fault = "unknown status" // the states in the answer are words that nobody knows
	Taken         Fault = "taken"          // of an order: the first number goes to another buyer
	Backordered   Fault = "backordered"    // of an order: the first number takes long
	StaleRead     Fault = "stale read"     // of a look: the answer was true a while ago, less than the horizon
)
