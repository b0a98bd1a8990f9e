package did

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// MaxPurchase is how many numbers one purchase can hold.
const MaxPurchase = 1000

// Purchase is what Buy has booked.
type Purchase struct {
	Numbers []nanp.Number
	Orders  []store.ID // the intents; more than one for several carriers, or for carriers with small orders
}

// Buy books the purchase of explicit numbers in one transaction, and returns
// before any carrier is asked: the numbers are PENDING, and become ACTIVE or
// FAILED by what their carriers say. Of an offer, Number and Carrier are needed;
// price and place are kept as they were shown.
//
// Nothing is booked at all when one of the offers cannot be: an *InputError for
// a number that cannot be a US DID, a quantity of 0 or above MaxPurchase, or a
// number that is there twice; a provider error for an unknown carrier or one that
// sells nothing; a *Refusal (ErrTaken) for a number that is in the inventory or
// being bought.
func (s *Service) Buy(ctx context.Context, offers []market.Offer) (Purchase, error) {
	batches, err := s.batches(offers)
	if err != nil {
		return Purchase{}, err
	}
	var p Purchase
	err = s.Update(ctx, func(t *Tx) error {
		p = Purchase{}
		for _, b := range batches {
			if err := t.order(b, &p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Purchase{}, err
	}
	return p, nil
}

// batch is what goes to one carrier as one order.
type batch struct {
	carrier provider.ID
	offers  []market.Offer
}

// until is when the first of the offers cannot be ordered without a new search any
// more; zero when one of them does not say.
func (b batch) until() (first time.Time) {
	for n, o := range b.offers {
		if o.Until.IsZero() {
			return time.Time{}
		}
		if n == 0 || o.Until.Before(first) {
			first = o.Until
		}
	}
	return first
}

func (s *Service) batches(offers []market.Offer) ([]batch, error) {
	by, order, err := s.perCarrier(offers)
	if err != nil {
		return nil, err
	}
	var out []batch
	for _, id := range order {
		_, traits, err := provider.Pick[provider.Orderer](s.Carriers, id)
		if err != nil {
			return nil, err
		}
		lines := traits.OrderLines
		if lines <= 0 {
			lines = MaxPurchase
		}
		for part := range slices.Chunk(by[id], lines) {
			out = append(out, batch{id, part})
		}
	}
	return out, nil
}

// perCarrier checks what is asked for, and sorts it by carrier in the order of
// their first offers.
func (s *Service) perCarrier(offers []market.Offer) (by map[provider.ID][]market.Offer, order []provider.ID, err error) {
	if len(offers) == 0 || len(offers) > MaxPurchase {
		return nil, nil, &InputError{Field: "quantity", Value: strconv.Itoa(len(offers)), Rule: fmt.Sprintf("must be 1 to %d numbers", MaxPurchase)}
	}
	by = make(map[provider.ID][]market.Offer)
	seen := make(map[nanp.Number]bool, len(offers))
	for _, o := range offers {
		if err := o.Number.CheckDID(); err != nil {
			return nil, nil, &InputError{Field: "number", Value: o.Number.String(), Rule: "cannot be bought as a US number", Err: err}
		}
		if seen[o.Number] {
			return nil, nil, &InputError{Field: "number", Value: o.Number.Format(), Rule: "is there twice"}
		}
		seen[o.Number] = true
		if _, known := by[o.Carrier]; !known {
			order = append(order, o.Carrier)
		}
		by[o.Carrier] = append(by[o.Carrier], o)
	}
	return by, order, nil
}

// order books one intent and its PENDING numbers.
func (t *Tx) order(b batch, p *Purchase) error {
	i := work.Intent{ID: store.NewID(t.s.Now()), Kind: kindOrder, Carrier: b.carrier}
	for _, o := range b.offers {
		i.Numbers = append(i.Numbers, o.Number)
		i.Lanes = append(i.Lanes, ownership(o.Number))
	}
	if until := b.until(); !until.IsZero() {
		i.Payload = []byte(until.UTC().Format(time.RFC3339Nano))
	}
	if _, err := t.Ask(i); err != nil {
		return err
	}
	for _, o := range b.offers {
		d, err := t.claim(o)
		if err != nil {
			return err
		}
		d.Order = i.ID
		if err := t.Save(&d, "did.bought", "ordered at "+string(b.carrier)); err != nil {
			return err
		}
	}
	p.Numbers = append(p.Numbers, i.Numbers...)
	p.Orders = append(p.Orders, i.ID)
	return nil
}

// ownership is the lane of what changes who owns a number at a carrier: a return
// waits behind an unclear purchase.
func ownership(n nanp.Number) string { return "own/" + n.String() }

// claim makes a fresh PENDING number of an offer, unless the number is open.
func (t *Tx) claim(o market.Offer) (DID, error) {
	d, err := t.DID(o.Number)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return DID{}, err
	}
	if err == nil {
		if _, err := Next(d.Status, Buy, d.Prior); err != nil {
			return DID{}, t.taken(d)
		}
	}
	now := t.s.Now()
	fresh := DID{Number: o.Number, Carrier: o.Carrier, Status: Pending, State: o.State, City: o.City, RateCenter: o.RateCenter,
		Price: o.Price, Bought: now, Since: now, Version: d.Version, was: d.was}
	t.s.begin(&fresh)
	return fresh, nil
}

// taken says who has a number that somebody wants to buy.
func (t *Tx) taken(d DID) error {
	r := &Refusal{Number: d.Number, Event: Buy, Status: d.Status, Taken: true, Holder: d.Tenant, Why: "it is in the inventory already, " + string(d.Status)}
	if d.Status == Pending {
		r.Why = "it is being bought already"
	}
	names := tenantNames{r: t}
	var err error
	if r.Name, err = names.name(d.Tenant); err != nil {
		return err
	}
	return r
}

// Ours tells which of the numbers are in the inventory and not closed: a search
// leaves them out.
func (s *Service) Ours(ctx context.Context, ns []nanp.Number) (map[nanp.Number]bool, error) {
	open := make(map[nanp.Number]bool)
	err := s.view(ctx, func(r store.Reader) error {
		for _, n := range ns {
			d, err := read(r, n)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !d.Status.Closed() {
				open[n] = true
			}
		}
		return nil
	})
	return open, err
}

const kindOrder work.Kind = "did.order"

// orders is the handler of purchases.
type orders struct{ s *Service }

func (h orders) Send(ctx context.Context, i work.Intent) (provider.Order, error) {
	o, traits, err := provider.Pick[provider.Orderer](h.s.Carriers, i.Carrier)
	if err != nil {
		return provider.Order{}, err
	}
	r := provider.OrderRequest{Key: i.Key(), Partial: traits.PartialOrders}
	if r.Lines, err = h.s.lines(ctx, i); err != nil {
		return provider.Order{}, notOrdered(i.Carrier, err)
	}
	if err := h.searchFirst(ctx, i, traits, r.Lines); err != nil {
		return provider.Order{}, err
	}
	return o.Place(ctx, r)
}

// lines are the numbers of an order with the holds that stand on them.
func (s *Service) lines(ctx context.Context, i work.Intent) (lines []provider.OrderLine, err error) {
	err = s.view(ctx, func(r store.Reader) error {
		lines = make([]provider.OrderLine, 0, len(i.Numbers))
		for _, n := range i.Numbers {
			h, err := readHold(r, n)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			line := provider.OrderLine{Number: n}
			if h = h.at(s.Now()); h.State == HoldHeld && h.Carrier == i.Carrier {
				line.Hold = h.Ref
			}
			lines = append(lines, line)
		}
		return nil
	})
	return lines, err
}

// searchMargin is the share of a search's life that is left to the order: what has
// less is searched again. The searches for the rest of it and the carrier's rate take
// their time before it arrives.
const searchMargin = 4

// searchFirst finds numbers again at a carrier that only sells what a recent search
// has shown: when that was too long ago, and unless the carrier holds them for us.
// Those that it does not find are not to be had. Whatever goes wrong with it,
// nothing was ordered.
func (h orders) searchFirst(ctx context.Context, i work.Intent, traits provider.Traits, lines []provider.OrderLine) error {
	until, _ := time.Parse(time.RFC3339Nano, string(i.Payload))
	margin := traits.RecentSearch / searchMargin
	if traits.RecentSearch == 0 || h.s.Now().Add(margin).Before(until) {
		return nil
	}
	search, _, err := provider.Pick[provider.Searcher](h.s.Carriers, i.Carrier)
	if err != nil {
		return err
	}
	gone := &work.Less{Why: &provider.Error{Op: provider.OpPlace, Provider: i.Carrier, Kind: provider.NumberTaken, Outcome: provider.NotApplied,
		Text: "a search right before the order did not find it any more"}}
	for _, kind := range []provider.NumberKind{provider.Local, provider.TollFree} {
		r := provider.SearchRequest{Kind: kind}
		for _, l := range lines {
			if l.Hold == "" && l.Number.TollFree() == (kind == provider.TollFree) && !h.s.shown.within(l.Number, h.s.Now().Add(margin-traits.RecentSearch)) {
				r.Exact = append(r.Exact, l.Number)
			}
		}
		if len(r.Exact) == 0 {
			continue
		}
		found := make(map[nanp.Number]bool, len(r.Exact))
		for o, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
			r.Page = p
			r.Page.Limit = 10 // what is found before the time is over need not be found again
			return search.Search(ctx, r)
		}) {
			if err != nil {
				return notOrdered(i.Carrier, err)
			}
			found[o.Number] = true
			h.s.shown.note(o.Number, h.s.Now())
		}
		for _, n := range r.Exact {
			if !found[n] {
				gone.Numbers = append(gone.Numbers, n)
			}
		}
	}
	if len(gone.Numbers) > 0 {
		return gone
	}
	return nil
}

// notOrdered is the error of a read before an order: the order was not sent.
func notOrdered(c provider.ID, err error) error {
	out := &provider.Error{Op: provider.OpPlace, Provider: c, Kind: provider.Unavailable, Outcome: provider.NotApplied, Text: "the numbers could not be searched before the order", Err: err}
	var e *provider.Error
	if errors.As(err, &e) && e.Kind != "" {
		out.Kind, out.After = e.Kind, e.After
	}
	return out
}

func (h orders) Track(ctx context.Context, i work.Intent) (provider.Finding[provider.Order], error) {
	o, _, err := provider.Pick[provider.Orderer](h.s.Carriers, i.Carrier)
	if err != nil {
		return provider.Finding[provider.Order]{}, err
	}
	return o.Track(ctx, i.Trace())
}

// Book brings every number of the order to where the carrier says it is. What
// the carrier does not mention stays as it is, and keeps the order open.
func (h orders) Book(tx store.Tx, i work.Intent, o provider.Order) (work.Progress, error) {
	t := carrierTx(h.s, tx)
	open := false
	for _, n := range i.Numbers {
		item, said := o.Item(n)
		if !said || !item.State.Final() {
			open = true
		}
		if !said {
			continue
		}
		if err := t.heard(i, item); err != nil {
			return work.Progress{}, err
		}
	}
	return work.Progress{Done: !open, Ref: o.Ref, Again: o.Again}, nil
}

func (h orders) Fail(tx store.Tx, i work.Intent, why error) error {
	t := carrierTx(h.s, tx)
	var said provider.Said
	var e *provider.Error
	if errors.As(why, &e) && e.Op != "" { // else no carrier has said it: a person has, or all that is known is that nothing arrived
		said = provider.Said{By: i.Carrier, Raw: provider.Raw(e.Kind), Request: e.Request, At: h.s.Now()}
	}
	for _, n := range i.Numbers {
		if err := t.heard(i, provider.OrderItem{Number: n, State: provider.ItemRefused, Said: said, Err: e}); err != nil {
			return err
		}
	}
	return nil
}

func (h orders) Stuck(tx store.Tx, i work.Intent) error {
	t := carrierTx(h.s, tx)
	for _, n := range i.Numbers {
		d, err := t.DID(n)
		if err != nil {
			return err
		}
		if d.Order != i.ID || d.Status != Pending {
			continue
		}
		d.Attention = "nobody knows whether it was bought: ask " + string(i.Carrier) + " about order " + string(i.ID) + " (" + i.Note + ")"
		if err := t.Save(&d, "did.stuck", d.Attention); err != nil {
			return err
		}
	}
	return nil
}

// carrierTx is the transaction in which a carrier's answer is booked.
func carrierTx(s *Service, tx store.Tx) *Tx {
	return &Tx{Tx: tx, s: s, actor: journal.Actor{ID: "carrier"}}
}

// attention is what a person should know about an item that is not settled.
var attention = map[provider.ItemState]string{
	provider.ItemUnclear:     "its carrier reports a status that is not known here",
	provider.ItemAssigned:    "ours at the carrier, not routable yet",
	provider.ItemBackordered: "backordered: it may still arrive",
	provider.ItemNeedsInfo:   "its carrier waits for information",
	provider.ItemGone:        "its carrier says that it was given back",
}

// heard books what the carrier said about one number of an order. Saying it
// again changes nothing.
func (t *Tx) heard(i work.Intent, item provider.OrderItem) error {
	d, err := t.DID(item.Number)
	if err != nil {
		return err
	}
	if d.Order != i.ID || d.Status != Pending {
		return nil // an older order, or it is booked already
	}
	before, status := d.Attention, d.Status
	d.Attention, d.Ref = attention[item.State], orRef(item.Owned, d.Ref)
	if item.Err != nil {
		d.Attention = item.Err.Error()
	}
	what := "did.pending"
	switch item.State {
	case provider.ItemLive:
		what, err = "did.active", t.Happen(&d, Confirm, item.Said)
	case provider.ItemRefused:
		what, err = "did.failed", t.Happen(&d, Refuse, item.Said)
	default:
		if d.Said.Raw != item.Said.Raw {
			d.Said = item.Said
		}
	}
	if err != nil {
		return err
	}
	if d.Status == status && d.Attention == before {
		return nil
	}
	return t.Save(&d, what, d.Attention)
}

func orRef(r, otherwise provider.Ref) provider.Ref {
	if r == "" {
		return otherwise
	}
	return r
}
