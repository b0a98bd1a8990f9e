package sandbox

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

// Config says what the carrier is like. The zero value is a polite carrier that
// keeps its ledger in memory, offers everything that the package can do and
// answers exactly.
//
// Durations are sandbox time: with Speed 60, a minute of it passes in a second.
type Config struct {
	ID     provider.ID      // default "sandbox"
	Seed   uint64           // what is for sale, and how long each order takes
	Ledger string           // path of the ledger; "" keeps it in memory
	Sync   bool             // fsync the ledger before each reply, which a loss of power calls for and a killed process does not
	Now    func() time.Time // default time.Now
	Speed  float64          // sandbox seconds per real second; default 1
	Chaos  Chaos            // the zero value: nothing goes wrong

	Stock  []Place               // the exchanges with local numbers; default Places()
	Kinds  []provider.NumberKind // what is sold; default local and toll-free
	Prices *Prices               // default DefaultPrices()
	// HidePrices leaves prices out of searches, as Bandwidth and Twilio do. They
	// are charged all the same.
	HidePrices bool

	PageMax      int             // items on one page; default 100
	Dialect      *vanity.Dialect // what a search can be asked about digits; default Fluent()
	Filters      []provider.Filter
	Weak         bool          // a search that knows the area code and nothing else; Dialect and Filters are not used
	RecentSearch time.Duration // a number must have been found this recently to be ordered; 0: no such rule

	OrderLines  int  // numbers in one order; default 100, at most 1000
	WholeOrders bool // orders are taken as a whole or not at all, even when they ask for Partial
	Instant     bool // orders and returns settle at once; ports do not

	// Keying is by what a creation can be found again; default Once. With less
	// than Once, the carrier books whatever it is sent: the same order sent twice
	// is two orders and two charges.
	Keying provider.Keying
	// Forgetful makes it provider.ByNothing, which Keying cannot express.
	Forgetful bool

	Horizon time.Duration // after it nothing arrives late; default 2 minutes

	// NameProof is the best evidence of a caller name; default provider.Status.
	NameProof provider.Proof
	// NameSilent makes it provider.NoProof, which NameProof cannot express: a name
	// stays NameWaiting, also when it is listed.
	NameSilent   bool
	NameReview   bool // a person looks at each name first, which takes 1 to 60 minutes
	NameTollFree bool // a toll-free number can have a caller name
	// Replace says how a registration for emergency calls changes its address; default
	// provider.BreakFirst: a number that has one is refused another.
	Replace provider.ReplaceMode
	// Foreign lists what also works for numbers that are not in the account:
	// provider.CapNames, provider.CapEmergency.
	Foreign []provider.Capability

	PortWhole  bool // a port of numbers of several losing carriers or kinds is refused, not split
	PortAtOnce bool // opening a port submits it: there are no drafts (Twilio)
	// SignsLOA makes the carrier collect the customer's signature itself, by the
	// e-mail address of the request, which takes up to a day: no letter of
	// authorisation has to be uploaded (Twilio).
	SignsLOA bool

	// HookKey signs the messages of Carrier.Messages; none are sent without it.
	// HookKeyBefore is another key that signatures are taken from while keys change.
	HookKey, HookKeyBefore secret.String
}

// Prices is what numbers cost.
type Prices struct{ Local, TollFree money.Price }

// DefaultPrices are those of a middling wholesale carrier.
func DefaultPrices() Prices {
	return Prices{
		Local: money.Price{
			Setup:     money.Known(money.Dollar),
			Monthly:   money.Known(50 * money.Cent),
			MinuteIn:  money.Known(money.Dollar / 250),
			MinuteOut: money.Known(7 * money.Dollar / 1000),
		},
		TollFree: money.Price{
			Setup:     money.Known(money.Dollar),
			Monthly:   money.Known(250 * money.Cent),
			MinuteIn:  money.Known(18 * money.Dollar / 1000),
			MinuteOut: money.Known(12 * money.Dollar / 1000),
		},
	}
}

// Fluent is the dialect of a carrier that can be asked for everything.
func Fluent() *vanity.Dialect {
	return &vanity.Dialect{NPA: true, NXX: true, Prefix: true, Suffix: true, Contains: true, Tail: true, Mask: true}
}

// DigitsOnly is that of a carrier that looks for one run of digits at the front,
// at the end or anywhere, and knows no wildcards. With Config.Weak a carrier
// knows the area code alone.
func DigitsOnly() *vanity.Dialect {
	return &vanity.Dialect{NPA: true, Prefix: true, Suffix: true, Contains: true, MinFixed: 2, OneFixed: true}
}

const (
	maxLines  = 1000 // numbers in one request of any kind
	maxExact  = 1000
	maxStock  = 1_000_000
	holdTime  = 15 * time.Minute
	settleMin = 2 * time.Second
	settleMax = 60 * time.Second
	backorder = 10 * time.Minute    // what a backordered number takes at most
	rest      = 30 * 24 * time.Hour // before a returned number is for sale again
	staleness = 30 * time.Second    // how old a stale answer is
)

func (c *Config) complete() error {
	if c.ID == "" {
		c.ID = "sandbox"
	}
	if err := c.ID.Validate(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.Speed < 0 || math.IsNaN(c.Speed) || math.IsInf(c.Speed, 0) {
		return fmt.Errorf("sandbox: speed %v is not above 0", c.Speed)
	}
	if c.Prices == nil {
		p := DefaultPrices()
		c.Prices = &p
	}
	if c.Stock == nil {
		c.Stock = builtinPlaces
	}
	if len(c.Stock) > maxStock {
		return fmt.Errorf("sandbox: a stock of %d places, at most %d are allowed", len(c.Stock), maxStock)
	}
	if c.Kinds == nil {
		c.Kinds = []provider.NumberKind{provider.Local, provider.TollFree}
	}
	for _, k := range c.Kinds {
		if k > provider.TollFree {
			return fmt.Errorf("sandbox: number kind %d is neither local nor toll-free", uint8(k))
		}
	}
	for _, n := range []struct {
		what     string
		v        *int
		def, max int
	}{{"page size", &c.PageMax, 100, 10_000}, {"number of order lines", &c.OrderLines, 100, maxLines}} {
		if *n.v == 0 {
			*n.v = n.def
		}
		if *n.v < 1 || *n.v > n.max {
			return fmt.Errorf("sandbox: %s %d is not from 1 to %d", n.what, *n.v, n.max)
		}
	}
	if c.Weak {
		c.Dialect, c.Filters = &vanity.Dialect{NPA: true}, []provider.Filter{}
	}
	if c.Dialect == nil {
		c.Dialect = Fluent()
	}
	if c.Filters == nil {
		c.Filters = []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter, provider.ByExact}
	}
	switch {
	case c.Keying > provider.Once:
		return fmt.Errorf("sandbox: keying %d is not known", uint8(c.Keying))
	case c.Forgetful:
		c.Keying = provider.ByNothing
	case c.Keying == provider.ByNothing:
		c.Keying = provider.Once
	}
	if c.Horizon == 0 {
		c.Horizon = 2 * time.Minute
	}
	if c.HookKey.IsZero() && !c.HookKeyBefore.IsZero() {
		return fmt.Errorf("sandbox: a former hook key and no present one")
	}
	if c.Horizon < 0 || c.RecentSearch < 0 {
		return fmt.Errorf("sandbox: a negative horizon or search age")
	}
	if err := c.completeNames(); err != nil {
		return err
	}
	// What the caller holds may change; the carrier must not.
	c.Stock, c.Kinds, c.Filters = slices.Clone(c.Stock), slices.Clone(c.Kinds), slices.Clone(c.Filters)
	return c.Chaos.complete()
}

// real turns sandbox time into the time of the clock.
func (c *Config) real(d time.Duration) time.Duration {
	return time.Duration(min(float64(d)/c.Speed, math.MaxInt64/4))
}
